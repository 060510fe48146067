curl https://www.bangwo8.com/api/v1/companies.json \ -v -u {account}:{password}
