curl https://www.bangwo8.com/api/v1/tickets/ticket_fields.json -v -u  {account}:{password}
