curl https://www.bangwo8.com/api/v1/tickets/ticket_fields/24917015/options.json \
  -H "Content-Type: application/json" \
  -d '[
    {
        "optionName":"选项1",
        "extendId":"001"
    },
    {
        "optionName":"选项2",
        "extendId":"002"
    },
    {
        "optionName":"选项3",
        "extendId":"003"
    }
]' \
 -v -u {account}:{password} -X PUT
