curl "https://www.bangwo8.com/api/v1/companies/search.json" \ -G --data-urlencode "query=132 createDT>2017-07-03" \ -v -u {account}:{password}
