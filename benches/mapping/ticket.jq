def present: select(. != null and . != "" and . != [] and . != {});
def of($table): . as $value | $table[$value] // error("unknown value \($value)");
{"open": 2, "打开": 2, "开启": 2, "solving": 2, "解决中": 2, "resolved": 4, "已解决": 4, "closed": 6, "已关闭": 6} as $status
| {"low": 1, "低": 1, "medium": 2, "标准": 2, "high": 3, "高": 3, "urgency": 4, "紧急": 4} as $priority
| {"email": 9, "邮件": 9, "weibo": 4, "微博": 4, "wechat": 2, "微信": 2, "im": 2, "即时聊天": 2, "call": 3, "电话": 3,
   "feedback": 4, "反馈标签": 4, "hc": 8, "帮助中心": 8, "manual_input": 7, "手工录入": 7, "api": 7, "API": 7} as $source
| {"34": 565123} as $agents | {"7": 344124} as $groups | {"test@sample.com": 21130282} as $contacts
| {"0": "下拉选项1", "1": "下拉选项2", "2": "下拉选项3"} as $select1
| {"0": "单选框选项1", "1": "单选框选项2"} as $select2
| {"0": "多选框选项1", "1": "多选框选项2", "2": "多选框选项3", "3": "多选框选项4"} as $select3
| {ticket: {
    subject: .subject,
    descript: .content,
    ticketStatus: ((.status_en // .status) | of($status)),
    priorityLevel: (.priority | of($priority)),
    ticketSource: (.platform | of($source)),
    tagList: ([.tags | split(",")[] | select(. != "")] | join(",")),
    servicerUserId: $agents[.assignee_id | tostring],
    servicerGroupId: $groups[.user_group_id | tostring],
    custUserId: $contacts[.user_email],
    ticketTemplateId: 4,
    custom_fields: [
      .custom_fields
      | (.TextField_1 | present | {key: "field_1", value: .}),
        (.TextField_2 | present | {key: "field_2", value: .}),
        (.TextField_3 | present | {key: "field_3", value: .[:10]}),
        (.TextField_4 | present | {key: "field_4", value: .}),
        (.TextField_5 | present | {key: "field_5", value: .}),
        (.TextField_6 | present | {key: "field_6", value: .}),
        (.TextField_7 | present | {key: "field_7", value: .}),
        (.TextField_8 | present | {key: "field_8", value: .}),
        (.SelectField_1 | present | {key: "field_9", value: of($select1)}),
        (.SelectField_2 | present | {key: "field_10", value: of($select2)}),
        (.SelectField_3 | present | {key: "field_11", value: ([split(",")[] | of($select3)] | join(","))})
    ]
  }}
