"""The fixed words of a certificate, Chinese and English: it carries both for every reader."""

from dataclasses import dataclass
from datetime import date

from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString

TAGS = {"zh": "zh-Hans", "en": "en"}
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)

_VALID_ZH = "本证书与在线记录一致、且按期通过监督审核时方为有效"
_VALID_EN = "Valid only with its online record and subject to satisfactory surveillance audits"

LABELS = {
    "number": ("证书编号", "Certificate No."),
    "certify": ("兹证明", "This is to certify that"),
    "address": ("地址", "Address"),
    "conforms": ("所建立的管理体系符合标准", "operates a management system that conforms to"),
    "scope": ("认证范围", "Scope of certification"),
    "scope_in_annex": ("认证范围见附件", "The scope of certification is stated in the annex"),
    "first_issued": ("初次发证", "First issued"),
    "issued": ("本次发证", "This issue"),
    "effective": ("生效日期", "Effective"),
    "issued_effective": ("本次发证并生效", "Issued and effective"),
    "expires": ("有效期至", "Valid until"),
    "verify": ("核验真伪", "Verify before you rely on it"),
    "scan": ("扫码或打开", "Scan the code, or open this address"),
    "code": ("核验码", "Enter the number and this code"),
    "compare": (
        "比对状态、单位名称与右侧纹样",
        "Compare status, holder and the pattern on the right",
    ),
    "fingerprint": ("指纹纹样", "Fingerprint"),
    "approval": ("认证机构批准号", "Approval of the certification body"),
    "accreditation": ("认可", "Accreditation"),
    "issuer_address": ("机构地址", "Address of the body"),
    "seal": ("认证机构盖章处", "Seal of the certification body"),
    "legal": (
        f"{_VALID_ZH}。",
        f"{_VALID_EN}.",
    ),
    "legal_national": (
        f"{_VALID_ZH}；亦可在全国认证认可信息公共服务平台 cx.cnca.cn 查询。",
        f"{_VALID_EN}; also listed on the national platform cx.cnca.cn.",
    ),
    "annex": ("证书附件", "Annex to the certificate"),
    "technical_areas": ("专业范围", "Technical areas"),
    "exclusions": ("不适用的要求", "Requirements not applicable"),
    "sites": ("覆盖场所", "Sites covered"),
    "site": ("场所与地址", "Site and address"),
    "activities": ("活动", "Activities"),
    "revisions": ("版本记录", "Revision history"),
    "revision": ("版本", "Rev."),
    "date": ("日期", "Date"),
    "change": ("变更", "Change"),
    "meanings": ("如何解读在线状态", "What the online status means"),
    "digest": ("内容摘要 SHA-256（certificate.json）", "Content digest SHA-256 (certificate.json)"),
    "report": (
        "发现疑似伪造，请在核验页点击“举报”。附件与证书正页合并使用方为有效。",
        "Report suspected forgery on the verification page. The annex is part of the certificate.",
    ),
    "specimen": ("样本，不具效力", "Specimen, not valid"),
    "draft": ("草稿，不具效力", "Draft, not valid"),
}
IDENTIFIER_KINDS = {
    "uscc": ("统一社会信用代码", "Unified Social Credit Code"),
    "other": ("登记号", "Registration number"),
}
STATUS_WORDS = [
    {
        "status": status,
        "zh": zh,
        "en": en,
        "meaning_zh": meaning_zh,
        "meaning_en": meaning_en,
    }
    for status, zh, en, meaning_zh, meaning_en in (
        ("valid", "有效", "Valid", "可以依赖", "You can rely on it"),
        ("expired", "过期", "Expired", "有效期已过，未续证", "Past its date, not renewed"),
        (
            "suspended",
            "暂停",
            "Suspended",
            "暂停期间不得宣传或使用",
            "Must not be used meanwhile",
        ),
        (
            "cancelled",
            "注销",
            "Cancelled",
            "应持证方申请终止",
            "Ended at the holder’s request",
        ),
        ("withdrawn", "撤销", "Withdrawn", "认证机构已收回", "Taken back by the issuer"),
        ("reduced", "范围缩小", "Reduced", "有效，但范围比本件窄", "Valid, narrower than printed"),
    )
]
STAMPS = {
    "suspended": ("暂停", "SUSPENDED"),
    "withdrawn": ("撤销", "WITHDRAWN"),
    "cancelled": ("注销", "CANCELLED"),
    "expired": ("过期", "EXPIRED"),
    "superseded": ("已换版", "SUPERSEDED"),
}


@dataclass(frozen=True)
class Part:
    """A text and its language, `zh` or `en`."""

    text: str
    language: str

    def __str__(self):
        return self.text


@dataclass(frozen=True)
class Pair:
    """A text in the certificate's first language and, where there is one, in its second.

    The first language is that of the page, so only the second one is marked; a class does, since
    a PDF keeps no language below the document and every `lang` costs time.
    """

    first: Part
    second: Part | None = None

    def __bool__(self):
        return bool(self.first.text)

    def __html__(self) -> SafeString:
        """Write both in one line."""
        first = conditional_escape(self.first.text)
        if self.second is None:
            return first
        second = format_html(
            '<span class="second {}">{}</span>', self.second.language, self.second.text
        )
        return first + SafeString(" ") + second

    def __str__(self):
        return self.__html__()


def pair(zh: str, en: str, languages: list[str]) -> Pair:
    """Order two texts as the certificate's languages say; an empty one is left out."""
    texts = {"zh": zh.strip(), "en": en.strip()}
    parts = [Part(texts[name], name) for name in languages if texts[name]]
    if not parts:
        return Pair(Part("", languages[0]))
    return Pair(parts[0], parts[1] if len(parts) > 1 else None)


def day(value: str, languages: list[str]) -> Pair:
    """Write an ISO date in both languages: 2026年3月16日, 16 March 2026."""
    when = date.fromisoformat(value)
    return pair(
        f"{when.year}年{when.month}月{when.day}日",
        f"{when.day} {_MONTHS[when.month - 1]} {when.year}",
        languages,
    )
