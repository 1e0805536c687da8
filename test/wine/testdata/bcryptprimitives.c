/* Wine 8 lacks bcryptprimitives.dll, from which every Go program since 1.22
   takes its random numbers. This stand-in for the test's own Wine prefix hands
   ProcessPrng on to advapi32's SystemFunction036 (RtlGenRandom). */
#include <windows.h>

BOOLEAN WINAPI SystemFunction036(PVOID, ULONG);

__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE data, SIZE_T size) {
  return SystemFunction036(data, (ULONG)size);
}
