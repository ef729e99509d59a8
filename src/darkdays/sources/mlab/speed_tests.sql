SELECT
  date,
  {place} AS place,
  COUNT(*) AS tests,
  COUNT(DISTINCT client.IP) AS addresses,
  APPROX_QUANTILES(a.MeanThroughputMbps, 100)[OFFSET(25)] AS q25,
  APPROX_QUANTILES(a.MeanThroughputMbps, 100)[OFFSET(50)] AS median,
  APPROX_QUANTILES(a.MeanThroughputMbps, 100)[OFFSET(75)] AS q75,
  COUNTIF(a.MeanThroughputMbps < 0.562) / COUNT(*) AS slow_share
FROM `measurement-lab.ndt.{view}`
WHERE date >= '{first}' AND date < '{after}' AND client.Geo.CountryCode = '{country}'
  AND a.MeanThroughputMbps > 0
GROUP BY date, place
HAVING addresses >= {fewest}
ORDER BY date, place
