curl https://demo.udesk.cn/api/v1/tickets/get?page=1&per_page=100&sign=129da7df812jdfsa9912jfdadf81 \
-X POST \
-H 'content-type:application/json' \
-d '{"email":"test@sample.com"}'
