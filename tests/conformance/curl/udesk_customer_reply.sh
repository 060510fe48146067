curl https://demo.udesk.cn/api/v1/tickets/reply?sign=129da7df812jdfsa9912jfdadf81 \
-X POST \
-H 'content-type: application/json' \
-d '
{
"id": 2,
"reply_content": "测试客户回复",
"email": "customer@sample.com"
}'
