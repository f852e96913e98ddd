@echo off
rem Starts the program; installs what it needs the first time. start.sh does the same elsewhere. All that is done is in
rem graphs\engine\commands\_starting. No block in brackets and no label: the path may hold brackets, and this file Hangul.
setlocal
chcp 65001 >nul
set "PYTHONUTF8=1"
pushd "%~dp0"
set "FROM=graphs\engine\commands\_starting"
if not exist "%FROM%\start.py" echo [안 됨] 프로그램의 파일이 없습니다.& echo    -^> 압축을 모두 푼 다음, 풀린 폴더에서 켜 주세요.& pause & exit /b 1

set "FOUND="
set "FITS=import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14) or sys.maxsize < 2**32)"
for %%V in (3.13 3.12 3.14 3.11) do if not defined FOUND py -%%V -c "%FITS%" >nul 2>nul && set "FOUND=py -%%V"
rem a Python without the launcher; the alias of the Microsoft Store only prints a line if it is given words
for %%P in (python3 python) do if not defined FOUND %%P -c "%FITS%" >nul 2>nul && set "FOUND=%%P"
if not defined FOUND where uv >nul 2>nul && uv python install 3.13
if not defined FOUND for /f "delims=" %%P in ('uv python find --system 3.13 2^>nul') do set FOUND="%%P"
rem one that does not fit is told so
if not defined FOUND py -3 -c "import sys; sys.exit(sys.version_info < (3, 7))" >nul 2>nul && set "FOUND=py -3"
if not defined FOUND type "%FROM%\no_python.txt" & pause & exit /b 1

%FOUND% "%FROM%\start.py" %*
exit /b %errorlevel%
