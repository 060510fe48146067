curl https://demo.udesk.cn/api/v1/tickets?sign=129da7df812jdfsa9912jfdadf81 \
-X POST \
-H 'content-type:application/json' \
-d '
{
"ticket": {
"subject":"测试工单1",
"content":"工单测试",
"customer_token":"customer_test_1",
"email":"customer@sample.com",
"cellphone":"13123456789",
"priority":"标准",
"status":"解决中",
"agent_group_name":"默认组",
"assignee":{
"email":"agent@sample.com"
},
"ticket_field":{
"TextField_1": "普通文本内容",
"TextField_2": "多行文本内容1\r\n多行文本内容2",
"TextField_3": "2016-08-11",
"TextField_4": "14:44:36",
"TextField_5": "2017-05-03 14:44",
"TextField_6": "https://www.sample.com",
"TextField_7": "13",
"TextField_8": "13.33",
"SelectField_1": "0",
"SelectField_2": "0",
"SelectField_3": "0,3"
}
}
}'
