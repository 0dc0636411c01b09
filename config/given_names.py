"""Syllables of Vietnamese middle and given names, in the spelling that is usual for them.

No list of all that parents choose: it only tells how much likelier one spelling of a syllable is
than its twins under other marks, «Tuấn» than «Tuần», where print leaves that unsure.
"""

from __future__ import annotations

_USUAL = (
    "ái an anh ánh ân bách bảo bằng bích biên bình bội bửu ca cẩm cảnh cao cầm cầu chánh châu "
    "chi chí chiến chính chung chương chuyên công cúc cường cương danh dân di diễm diên diễn "
    "diện diệp diệu doanh duẩn dũng dung duy duyên dư dương đài đại đan đạt đạo đăng đào đệ "
    "điềm điền điệp đình định đoan đoàn đô độ đông đồng đức đường gấm gia giang giàu giáp hà "
    "hạ hai hải hán hạnh hào hảo hạo hân hậu hằng hiên hiến hiền hiển hiếu hiệp hiệu hinh hoa "
    "hòa hóa hoài hoan hoàn hoàng hoạt hồng hợi hợp huân huấn huế huệ hùng huy huyền huynh "
    "hưng hương hường hướng hữu kha khải khang khánh khê khiêm khoa khôi khuê khương kiên "
    "kiệt kiều kim kỳ lam lan lành lãm lâm lân lập lê lệ liêm liên liễu linh loan lộc lợi "
    "long luân luận lụa lực lương lượng lưu ly lý mạnh mai mẫn mận mây mến mi miên minh mơ "
    "mùi muội mỹ nam năm năng nga ngà ngân nghi nghĩa nghiêm ngoan ngọc ngô nguyên nguyện "
    "nguyệt nhàn nhã nhạn nhân nhật nhi nhiên nho nhu nhung nhựt như nhường ninh nữ oanh phan "
    "phát phi phiên phong phú phúc phụng phương phước phượng quân quang quảng quế quốc quý "
    "quyên quyền quyết quỳnh sang sáng sâm sen sinh soa sơn sương tài tâm tân tấn tây thạch "
    "thái thăng thắng thanh thành thạnh thảo thạo thân thấm thế thêm thi thiên thiện thiết "
    "thiều thịnh thoa thoan thoại thọ thông thơ thơm thời thu thuận thuần thuật thục thúy "
    "thùy thủy thư thức thương thường thưởng tiên tiến tiệp tiếp tín tính tình tĩnh toán toàn "
    "tố tôn tới trà trang trâm trân trí triết triển triều trinh trình trọng trúc trung trực "
    "trường trương truyền tú tuân tuấn tuế tùng tuyên tuyến tuyền tuyết tư tường tưởng uyên "
    "uy vân văn vang vạn vi viên việt vinh vĩnh vĩ vịnh võ vụ vui vũ vương vượng vy xinh xoan "
    "xuân xuyến yên yến ý"
)
USUAL = frozenset(_USUAL.split())
"""Small letters, tone marks where the older school puts them."""
