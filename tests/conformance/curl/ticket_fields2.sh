curl https://www.bangwo8.com/api/v1/tickets/ticket_fields2.json
 -v -u {account}:{password}
