curl https://www.bangwo8.com/api/v1/ticketviews.json \ -v -u {account}:{password}
