"""What those are called who hold an office, as titles over signatures and salutations name them."""

from __future__ import annotations

import re

POSITION = re.compile(
    r"^(?:(?:q|tm|kt|tl|tuq)[.,] ?)?(?:pho )?(?:quyen )?"
    r"(?:chu tich|giam doc|tong giam doc|truong phong|truong ban|cuc truong|chi cuc truong|"
    r"vu truong|bo truong|thu truong|chanh van phong|chanh thanh tra|hieu truong|vien truong|"
    r"truong cong an|chi huy truong|cong chung vien|truong van phong|truong chi nhanh|doi truong|"
    r"truong doi|chanh an|tong cuc truong|tram truong|thu truong don vi|nguoi ky|"
    r"nguoi thuc hien chung thuc|nguoi chung thuc|cong chuc tu phap|cong chuc|uy vien|"
    r"nguoi ket luan|kiem soat vien|vien pho|chi huy|chinh uy|thanh tra|phu trach|truong thue|"
    r"chi cuc pho|cuc pho|hieu pho|truong khoa|truong tram|truong bo phan|to truong|truong doan|"
    r"nguoi kiem tra|nguoi phe duyet|nguoi duyet|chu nhiem|van thu|bi thu|tham phan|"
    r"chap hanh vien)\b"
)
"""Begins a line that is a title; of folded text."""
