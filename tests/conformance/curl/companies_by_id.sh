curl https://www.bangwo8.com/api/v1/companies/show_many.json?ids=1,2,3 \ -v -u {account}:{password}
