def present: select(. != null and . != "" and . != [] and . != {});
def of($table): . as $value | $table[$value] // error("unknown value \($value)");
{ticket: {
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
