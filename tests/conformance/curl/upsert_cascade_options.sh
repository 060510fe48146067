curl https://www.bangwo8.com/api/v1/tickets/ticket_fields/24917015/options.json \
  -H "Content-Type: application/json" \
  -d '[
    {
        "parentId":"0",
        "optionName":"选项1",
        "extendId":"001"
    },
    {
        "parentId":"1",
        "optionName":"选项1",
        "extendId":"011"
    }
]' \
 -v -u {account}:{password} -X PUT
