curl https://demo.udesk.cn/api/v1/ticket_filters/1/tickets?sign=129da7df812jdfsa9912jfdadf81
