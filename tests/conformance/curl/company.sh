curl https://www.bangwo8.com/api/v1/companies/223.json \ -v -u {account}:{password}
