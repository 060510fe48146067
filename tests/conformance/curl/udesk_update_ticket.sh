curl https://demo.udesk.cn/api/v1/tickets/2?sign=129da7df812jdfsa9912jfdadf81 \
-X PUT \
-H 'content-type:application/json' \
-d '
{
"ticket": {
"priority":"urgency",
"custom_fields":{
"TextField_1": "普通文本内容",
"TextField_2": "多行文本内容1\r\n多行文本内容2",
"TextField_3": "2016-08-11",
"TextField_4": "14:44:36",
"TextField_5": "2017-05-03 14:44",
"TextField_6": "https://www.sample.com",
"TextField_7": "13",
"TextField_8": "13.33",
"SelectField_1": "下拉选项1",
"SelectField_2": "单选框选项1",
"SelectField_3": "多选框选项1,多选框选项4"
}
}
}'
