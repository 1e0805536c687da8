/*
 * bcryptprimitives.dll for a test's Wine prefix: Wine 8 has none, and every Go
 * program since 1.22 loads it from the system directory for its random
 * numbers. Never shipped. SystemFunction036 is RtlGenRandom's real name.
 */
#include <windows.h>

BOOLEAN NTAPI SystemFunction036(PVOID buffer, ULONG length);

__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE data, SIZE_T length)
{
	while (length > 0) {
		ULONG part = length > 0x10000 ? 0x10000 : (ULONG)length;
		if (!SystemFunction036(data, part))
			return FALSE;
		data += part;
		length -= part;
	}
	return TRUE;
}
