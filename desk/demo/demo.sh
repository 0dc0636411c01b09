#!/usr/bin/env bash
# The main job on the sample dossiers: a fresh station, every scan dropped at once, then what each person
# sees. Ends 0 when everything went as the samples foresee, the broken ones in the error tray included.
set -euo pipefail

station=${STATION:-demo-station}
started=$SECONDS

say() { printf '\n\033[1m== %s\033[0m\n' "$*"; }

say "Lập trạm dùng thử tại $station (khóa và dịch vụ chứng thực chỉ để thử nghiệm)"
rm -rf -- "$station"
hoso init "$station" --demo
export HOSO_STATION=$station

say "Cán bộ một cửa thả bản quét vào thư mục 1; trạm nhận, đọc, ký, kiểm tra, lưu kho"
cp -r -- "$station"/samples/. "$station/1-cho-xu-ly/"
code=0
hoso run --once || code=$?
if [ "$code" -ne 1 ]; then
  echo "hoso run kết thúc với mã $code; cần 1 vì có tệp mẫu bị hỏng" >&2
  exit 1
fi

say "Cán bộ một cửa xem lý do của một tệp lỗi"
tr -d '\r' < "$(find "$station/4-loi-can-xem" -name '*.LY-DO.txt' | sort | head -n 1)"

say "Tìm không dấu: dang ky khai sinh"
hoso search "dang ky khai sinh"

say "Xem một hồ sơ, từ tiếp nhận đến kết quả: H26.99-261105-0001"
hoso show H26.99-261105-0001

say "Văn thư kiểm tra chữ ký của kết quả"
hoso verify "$(find "$station/3-da-xong/H26.99-261105-0001" -name '*.3.pdf')"

say "Kiểm toán kiểm tra kho và nhật ký"
hoso fixity
hoso audit verify

say "Xong sau $((SECONDS - started)) giây. Trạm còn ở $station: hãy mở 3-da-xong và TRANG-THAI.html"
echo "Xem kho bằng trình duyệt: mục «Trang web» của README.md"
