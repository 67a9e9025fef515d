"""What a column of a lead file can mean, and the names people give it. Standard library and this room only."""

from __future__ import annotations

import re
from collections.abc import Container
from enum import StrEnum

from nurture.intake.reading import fold


class Field(StrEnum):
    """What a column may be mapped to; what is none of these becomes a custom attribute."""

    ID = "id"
    EMAIL = "email"
    PHONE = "phone"
    LINE = "line"
    VISITOR = "visitor"
    NAME = "name"
    FAMILY_NAME = "family_name"
    GIVEN_NAME = "given_name"
    FAMILY_KANA = "family_kana"
    GIVEN_KANA = "given_kana"
    COMPANY = "company"
    ACCOUNT = "account"
    DEPARTMENT = "department"
    TITLE = "title"
    SOURCE = "source"
    CAMPAIGN = "campaign"
    OWNER = "owner"
    LOCALE = "locale"
    ZONE = "zone"
    AT = "at"
    CONSENT = "consent"
    DO_NOT_EMAIL = "do_not_email"
    DO_NOT_CALL = "do_not_call"


# Folded by `header_key`; the best names first: of two columns that could be the same field, the one
# named earlier here wins, the other becomes an attribute. Whole names only: a header that merely
# contains "agree" or "mail" means something else too often.
NAMES: dict[Field, tuple[str, ...]] = {
    Field.ID: tuple(
        """leadid mqlid prospectid contactid externalid personid customerid memberid userid crmid recid uniqueid
        uuid id リードid 見込み客id 見込客id 顧客id 会員id ユーザーid 取引先責任者id 顧客番号 会員番号 お客様番号
        管理番号 リード番号 leadnumber contactnumber customernumber""".split()
    ),
    Field.EMAIL: tuple(
        """email emailaddress mail mailaddress emailaddr workemail businessemail primaryemail contactemail email1
        メールアドレス eメールアドレス 電子メールアドレス メール eメール 電子メール 会社メールアドレス
        ご連絡先メールアドレス 連絡先メールアドレス pcメールアドレス pcメール メールアドレス1 アドレス""".split()
    ),
    Field.PHONE: tuple(
        """phone phonenumber telephone telephonenumber tel workphone businessphone mobile mobilephone mobilenumber
        cell cellphone 電話番号 電話 tel番号 お電話番号 ご連絡先電話番号 連絡先電話番号 直通電話番号 携帯電話番号
        携帯電話 携帯番号 携帯""".split()
    ),
    Field.LINE: tuple("""lineuserid lineid lineユーザーid line""".split()),
    Field.VISITOR: tuple("""visitorid visitor cookieid clientid 訪問者id ビジターid""".split()),
    Field.NAME: tuple(
        """fullname name contactname leadname personname 氏名 お名前 名前 ご氏名 姓名 ご担当者名 担当者名
        ご担当者氏名 担当者氏名""".split()
    ),
    Field.FAMILY_NAME: tuple("""familyname lastname surname 姓 苗字 名字 氏 氏名姓 お名前姓 姓漢字""".split()),
    Field.GIVEN_NAME: tuple("""givenname firstname forename 名 氏名名 お名前名 名漢字""".split()),
    Field.FAMILY_KANA: tuple(
        """familykana familynamekana lastnamekana セイ せい 姓カナ 姓かな 姓フリガナ 姓ふりがな フリガナ姓
        ふりがな姓 フリガナセイ カナ姓""".split()
    ),
    Field.GIVEN_KANA: tuple(
        """givenkana givennamekana firstnamekana メイ めい 名カナ 名かな 名フリガナ 名ふりがな フリガナ名 ふりがな名
        フリガナメイ カナ名""".split()
    ),
    Field.COMPANY: tuple(
        """company companyname organization organisation organizationname organisationname accountname account
        employer 会社名 会社 企業名 企業 貴社名 御社名 法人名 社名 団体名 会社団体名 会社名団体名 勤務先 勤務先名
        勤務先会社名 取引先名 組織名 所属""".split()
    ),
    Field.ACCOUNT: tuple("""accountid companyid organizationid 企業id 会社id 取引先id 企業コード 会社コード""".split()),
    Field.DEPARTMENT: tuple(
        """department departmentname dept division 部署 部署名 所属部署 部門 部門名 所属部署名""".split()
    ),
    Field.TITLE: tuple("""jobtitle title position 役職 役職名 肩書 肩書き お役職""".split()),
    Field.SOURCE: tuple(
        """leadsource source utmsource origin acquisitionsource leadorigin リードソース 流入元 流入経路 獲得経路
        獲得元 獲得チャネル 問い合わせ経路 お問い合わせ経路 きっかけ 情報源 媒体 経路 ソース""".split()
    ),
    Field.CAMPAIGN: tuple(
        """campaignid campaign campaignname utmcampaign キャンペーンid キャンペーン キャンペーン名 施策 施策名
        展示会名 セミナー名 イベント名 eventname seminar event""".split()
    ),
    Field.OWNER: tuple(
        """owner leadowner contactowner assignedto salesrep 営業担当 営業担当者 営業担当者名 担当営業 弊社担当
        弊社担当者 自社担当 自社担当者 リード所有者 所有者 主担当""".split()
    ),
    Field.LOCALE: tuple("""locale language lang preferredlanguage 言語 使用言語""".split()),
    Field.ZONE: tuple("""zone timezone tz タイムゾーン""".split()),
    Field.AT: tuple(
        """createdat createdon createddate createdate creationdate dateadded created registeredat registrationdate
        signupdate signedupat firstcontactdate firstcontactat submittedat submissiondate wondate wonat closedate
        closedat at timestamp datetime date 登録日時 登録日 登録年月日 作成日時 作成日 取得日時 取得日 獲得日時
        獲得日 初回接触日 申込日時 申込日 お申込日時 お申込日 お申し込み日時 お申し込み日 申し込み日 受付日時 受付日
        資料請求日時 資料請求日 問い合わせ日時 問い合わせ日 お問い合わせ日時 お問い合わせ日 問合せ日時 問合せ日
        送信日時 回答日時 回答日 来場日時 来場日 参加日 名刺交換日 交換日 成約日 受注日
        タイムスタンプ 日時 日付""".split()
    ),
    Field.CONSENT: tuple(
        """consent consentbasis marketingconsent emailconsent gdprconsent optin emailoptin marketingoptin subscribed
        同意 同意区分 同意根拠 メール配信同意 配信同意 配信許諾 許諾 オプトイン メルマガ希望 メルマガ購読
        案内メール希望 メール配信希望""".split()
    ),
    Field.DO_NOT_EMAIL: tuple(
        """donotemail donotmail emailoptout hasoptedoutofemail optout optedout unsubscribed 配信停止 メール配信停止
        メルマガ停止 メール不可 配信不可 メール拒否 配信拒否 メール配信拒否 オプトアウト 配信不要 メルマガ不要
        メール配信不要""".split()
    ),
    Field.DO_NOT_CALL: tuple(
        """donotcall donotphone phoneoptout 電話不可 架電不可 電話拒否 架電拒否 電話ng 架電ng""".split()
    ),
}

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_NOISE = re.compile(r"[\W_]+")
_REQUIRED = re.compile(r"(?:必須|任意|required|optional)$")


def header_key(header: str) -> str:
    """A header as it is compared: folded, without signs and blanks, without "必須" or "required".

    Example:
        >>> header_key("E-Mail Address *"), header_key("メールアドレス（必須）"), header_key("姓（カナ）")
        ('emailaddress', 'メールアドレス', '姓カナ')
    """
    plain = _NOISE.sub("", fold(header))
    return _REQUIRED.sub("", plain) or plain


def attribute_name(header: str, taken: Container[str], reserved: Container[str] = ()) -> str:
    """The name under which a column is kept as an attribute: an identifier that is not taken yet.

    Args:
        header: The column's name in the file.
        taken: Names that other columns have.
        reserved: Names that mean something else; `custom_` is put before them.

    Example:
        >>> attribute_name("TotalVisits (all)", ()), attribute_name("業種", {"業種"})
        ('total_visits_all', '業種_2')
        >>> attribute_name("Tags", (), reserved={"tags"})
        'custom_tags'
    """
    plain = _NOISE.sub("_", fold(_CAMEL.sub("_", header))).strip("_") or "column"
    if plain[0].isdigit():
        plain = f"column_{plain}"
    if plain in reserved:
        plain = f"custom_{plain}"
    name, n = plain, 2
    while name in taken:
        name, n = f"{plain}_{n}", n + 1
    return name
