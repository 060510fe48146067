curl https://demo.udesk.cn/api/v1/ticket_filters?sign=129da7df812jdfsa9912jfdadf81
