curl -v -u {account}:{password} https://www.bangwo8.com/api/v1/tickets/ticket_fields/24917015/options.json?extendId=003&optionId=358771 \
  -H "Content-Type:  multipart/form-data"
  -X DELETE
