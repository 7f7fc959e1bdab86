package analytics

import _ "embed"

//go:embed adhoc_purchase_share.sql
var adhocPurchaseShareSQL string

// adhocPurchaseShare is the share of supplies that were bought ad hoc (临时采购率):
// one Point a series and bucket with n (cases of the process supplies completed),
// count (whose last attribute order says ad_hoc) and rate with its interval.
var adhocPurchaseShare = metric{
	unit: "rate",
	definition: "Ad-hoc purchase share: of the supplies cases completed in the period, the share whose last attribute order says ad_hoc." +
		caseDefinition,
	with: []string{casesSQL, adhocCasesSQL}, sql: adhocPurchaseShareSQL,
	by: caseBy, filters: caseFilters,
	point: rated,
}
