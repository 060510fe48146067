curl https://demo.udesk.cn/api/v1/tickets?page=1&per_page=10&sign=129da7df812jdfsa9912jfdadf81
