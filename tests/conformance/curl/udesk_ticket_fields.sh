curl https://demo.udesk.cn/api/v2/ticket_fields?sign=129da7df812jdfsa9912jfdadf81
