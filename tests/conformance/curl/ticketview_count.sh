curl https://www.bangwo8.com/api/v1/ticketviews/15/count.json \ -v -u {account}:{password}
