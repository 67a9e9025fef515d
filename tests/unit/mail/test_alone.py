"""What stands by itself, and what is a part of something else."""

import pytest

from nurture.mail._alone import alone


@pytest.mark.parametrize(
    ("said", "text"),
    [
        ("見本株式会社", "このメールは見本株式会社がお送りしています"),
        ("見本株式会社", "送信者：見本株式会社東京本社"),
        ("見本", "見本のご案内"),
        ("見本", "「見本」"),
        ("東京都千代田区1-1", "〒100-0001東京都千代田区1-1見本ビル"),
        ("東京都千代田区1-1", "東京都千代田区1-1にて"),
        ("info@e.jp", "お問い合わせはinfo@e.jpまで"),
        ("info@e.jp", "連絡先info@e.jp受付"),
        ("03-1234-5678", "電話03-1234-5678まで"),
        ("トヨタ", "トヨタです"),
        ("さくら", "さくら株式会社"),
        ("株式会社見本", "発行元株式会社見本"),
        ("บริษัท", "ส่งโดยบริษัทตัวอย่าง"),
        ("Example Ltd", "by Example\n Ltd."),
        ("A & B", "(A & B)"),
    ],
)
def test_it_stands_by_itself(said: str, text: str) -> None:
    assert alone(said).search(text)


@pytest.mark.parametrize(
    ("said", "text"),
    [
        ("見本", "見本商事"),
        ("見本", "株式会社見本"),
        ("見本", "見本サービス"),
        ("見本株式会社", "大見本株式会社"),
        ("トヨタ", "トヨタ自動車"),
        ("さくら", "さくらんぼ"),
        ("ABC", "ABC商事"),
        ("東京都千代田区1-1", "東京都千代田区1-12"),
        ("東京都千代田区1-1", "東京都千代田区1-1-2"),
        ("東京都千代田区1-1", "東京都千代田区1-1の2"),
        ("東京都千代田区1-1", "東京都千代田区1-1ー2"),
        ("1番町", "2の1番町"),
        ("info@e.jp", "myinfo@e.jp"),
        ("info@e.jp", "info@e.jp.example"),
        ("03-1234-5678", "03-1234-56789"),
        ("Ann", "Annex"),
        ("Ann", "Ann.Smith"),
    ],
)
def test_it_is_a_part_of_something_else(said: str, text: str) -> None:
    assert not alone(said).search(text)
