curl https://www.bangwo8.com/api/v1/ticketviews/9.json \ -v -u {account}:{password}
