package free

const asJudge = "PORTLIGHT_TEST_JUDGE"

func judge() {}
