"""The words of lines and problems in both languages; plain data, as it is kept with an offer."""

LABELS = {
    "personnel": ("Effective personnel", "有效人数"),
    "table": ("Initial audit by the table", "查表所得初次审核时间"),
    "person": ("Initial audit, decided by a person", "由人员判定的初次审核时间"),
    "reduction_cap": ("Held at the largest reduction allowed", "按允许的最大减少幅度计"),
    "central_share": ("Done by the central function", "由中心职能承担的部分"),
    "site_reduction": ("Reduction at this site", "本场所的减少"),
    "site_cap": (
        "Held at the largest reduction allowed at a site",
        "按单一场所允许的最大减少幅度计",
    ),
    "sum": ("Sum of schemes and sites", "各体系、各场所合计"),
    "integration": ("Integrated audit", "结合审核"),
    "integration_cap": (
        "Held at the largest reduction allowed for integration",
        "按结合审核允许的最大减少幅度计",
    ),
    "surveillance": ("Surveillance as a share of the initial audit", "监督审核占初次审核的比例"),
    "recertification": (
        "Recertification as a share of the initial audit",
        "再认证审核占初次审核的比例",
    ),
    "rounding": ("Rounding", "修约"),
    "stage_1": ("Stage 1", "第一阶段"),
    "stage_2": ("Stage 2", "第二阶段"),
    "onsite": ("On site at least", "现场审核时间至少"),
    "hours": ("In hours", "折合小时"),
}

NOTES = {
    "personnel": (
        "{headcount} persons; part-time as full-time equivalents, repetitive work −{saved}",
        "共{headcount}人；兼职人员折算为全职，重复性工作折减{saved}人",
    ),
    "band": ("{first} to {last} persons", "{first}至{last}人"),
    "percent": ("{percent} %: {reason}", "{percent}%：{reason}"),
    "unusual": (
        "{percent} %: {reason} (usually {low} to {high} %)",
        "{percent}%：{reason}（通常为{low}%至{high}%）",
    ),
    "no_table": (
        "No table answers for {scheme}{category}: a person decides",
        "{scheme}{category}没有适用的表格，须由人员判定",
    ),
    "above_table": (
        "{persons} persons are above the last band of the table: a person decides",
        "{persons}人超出表格最后一档，须由人员判定",
    ),
    "manual": ("{days} days: {reason}", "{days}人日：{reason}"),
    "rounding": ("To the nearest {step} days", "修约到最接近的{step}人日"),
    "floor": (
        "Up to the next {step} days: the nearest would fall below what reductions may leave",
        "向上修约{step}人日：就近修约将低于允许的最低时间",
    ),
    "share": ("{share} of {before} days", "{before}人日的{share}"),
    "hours": (
        "A day is {hours} hours; longer days do not reduce days",
        "每人日{hours}小时，延长工时不减少人日",
    ),
    "onsite": (
        "{percent} % of the audit time; experts, translators, trainees and observers do not count",
        "审核时间的{percent}%；技术专家、翻译、实习审核员和观察员不计入",
    ),
}

PROBLEMS = {
    "reduction_over_cap": (
        "{scheme}: −{asked} % exceeds the allowed −{cap} %.",
        "{scheme}：减少{asked}%超过允许的{cap}%。",
    ),
    "site_reduction_over_cap": (
        "{scheme}, {site}: −{asked} % in total exceeds the allowed −{cap} % at a site.",
        "{scheme}，{site}：合计减少{asked}%超过单一场所允许的{cap}%。",
    ),
    "integration_over_cap": (
        "Integrated audit: −{asked} % exceeds the allowed −{cap} %.",
        "结合审核：减少{asked}%超过允许的{cap}%。",
    ),
    "integration_needs_two": (
        "An integrated audit needs at least two schemes.",
        "结合审核至少需要两个体系。",
    ),
    "reason_missing": ("{what}: the reason is missing.", "{what}：缺少理由。"),
    "manual_missing": (
        "{scheme}, {site}: a person must set the days and state the reason.",
        "{scheme}，{site}：须由人员确定人日并说明理由。",
    ),
    "personnel_missing": (
        "{scheme}, {site}: the number of persons is missing.",
        "{scheme}，{site}：缺少人数。",
    ),
    "repetitive_too_many": (
        "{scheme}, {site}: more persons with repetitive work than full-time persons.",
        "{scheme}，{site}：重复性工作人数超过全职人数。",
    ),
    "repetitive_under_floor": (
        "{scheme}, {site}: {count} persons with the same work count as {least} at least.",
        "{scheme}，{site}：{count}名从事相同工作的人员不得折算为少于{least}人。",
    ),
    "reductions_at_one_site": (
        "{site}: a site reduction needs several sites and is not for the central function.",
        "{site}：场所减少仅适用于多场所，且不适用于中心职能。",
    ),
    "too_short_for_stages": (
        "The total leaves no time for stage 2.",
        "总时间不足以安排第二阶段。",
    ),
}
