curl https://www.bangwo8.com/api/v1/ticketviews/show_many.json?ids={15,2} -v -u {account}:{password}
