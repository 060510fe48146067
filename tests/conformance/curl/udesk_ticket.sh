curl https://demo.udesk.cn/api/v1/tickets/1.json?sign=129da7df812jdfsa9912jfdadf81
