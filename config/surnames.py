"""Family names as they stand first in a Vietnamese name; what begins otherwise is looked at."""

from __future__ import annotations

_KINH = (
    "nguyễn trần lê phạm hoàng huỳnh phan vũ võ đặng bùi đỗ hồ ngô dương lý đào đoàn vương trịnh "
    "trương đinh lâm phùng mai tô hà tạ lương cao châu chu thái tống quách kiều thạch triệu viên "
    "nghiêm bạch la lã lại lục lưu lữ mạc mã ma doãn diệp đàm đồng đường giang giáp hứa hàn hạ hầu "
    "khổng khúc kim kha từ tôn tăng thân thiều trà trang triều trình uông ung văn vi vạn âu ông an "
    "bành bế biện bồ cam cấn chung chử cù cung cái danh dư đậu điền đôn giản hòa hoa khương lô lò "
    "lộc long luyện mẫn mộc nhan nhâm nhữ ninh nông ngụy ngạc ngọ ôn phí phó phương quản quang "
    "quan quế sầm sơn tất thang thẩm thi thịnh tiêu tiết tòng trác trầm trưng tưởng ứng vòng "
    "vừ xa yên cầm chẩu chìu chíu dềnh giàng hạng hoàng hờ kháng khà lầu lèng lù lường lý lỳ mùa "
    "phàn sùng tẩn tráng vàng vừ xồng bàn chảo đèo điêu quàng lèo lự mè bạc pờ vù thào tếnh ksor "
    "siu rơ rah kpă nay rơmah y h' a đinh hồ blong niê êban mlô ayun bkrông chế kiên danh sơn "
    "mai đàng đổng bá quảng hán não miêu lưu phú thập tài thuận ya k' ka ha lơ mu kon cil liêng "
    "bon đa gurk"
)
SURNAMES = frozenset(_KINH.split())
"""Family names of Vietnam's peoples, small letters."""

# So common, and nothing else is spelled alike but for marks: a reading that lost one is this name.
_COMMON = "nguyễn trần phạm hoàng huỳnh đặng bùi đỗ ngô dương trịnh trương lê vũ võ hồ đoàn"
UNMISTAKABLE = frozenset(_COMMON.split())
