/** Reports that Exchange makes in the background. */
export const reports = String.raw`
# ---------------------------------------------------------------------------------------------------------------
# Step 4: reports. Exchange makes them within some hours. ConnectorReport: all mail that came without a connector.
# MessageTraceDetail ("extended"): the senders of step 2, with the client's address, which is kept for ten days only.
# No program can download them: open the Exchange admin center, Mail flow > Message trace > Downloadable reports, and
# save them into the folder of the evidence. A tenant may start 250 in 24 hours.
# ---------------------------------------------------------------------------------------------------------------
$startedFile = Join-Path $Folder 'reports-started.json'
$started = @()
if (Test-Path -LiteralPath $startedFile) {
    $started = @(ConvertFrom-Json -InputObject ([System.IO.File]::ReadAllText($startedFile, $utf8)) | ForEach-Object { $_ })
}

function Start-Report {
    param([string] $Title, [hashtable] $Options)
    if (@($started | Where-Object { $_.ReportTitle -eq $Title }).Count -gt 0) { return }
    $request = @{ ReportTitle = $Title } + $Options
    if ($NotifyAddress) { $request['NotifyAddress'] = $NotifyAddress }
    try {
        $job = Start-HistoricalSearch @request
        $script:started += [PSCustomObject] @{ ReportTitle = $Title; JobId = [string] $job.JobId; Started = Format-Time ([DateTime]::UtcNow) }
        Save-Text 'reports-started.json' (ConvertTo-Json -InputObject @($script:started) -Depth 3)
    }
    catch {
        Write-Warning ('The report "{0}" was not started: {1}' -f $Title, $_.Exception.Message)
    }
}

if (-not $NoReports) {
    Write-Host 'Step 4 of 4: reports'
    # Slices begin at fixed days, so that a later run finds those that were started.
    $epoch = New-Object DateTime(2024, 1, 1, 0, 0, 0, ([DateTimeKind]::Utc))
    $first = $today.AddDays(-$Days)
    $slice = $epoch.AddDays([Math]::Floor(($first - $epoch).TotalDays / $ReportDays) * $ReportDays)
    while ($slice -lt $today) {
        $from = $slice
        if ($from -lt $earliest) { $from = $earliest.Date.AddDays(1) }
        $slice = $slice.AddDays($ReportDays)
        $to = $slice
        if ($to -gt $today) { $to = $today }
        if ($from -lt $to) {
            Start-Report -Title ('Postern ConnectorReport {0} {1}' -f (Format-Day $from), (Format-Day $to)) -Options @{
                ReportType    = 'ConnectorReport'
                ConnectorType = 'NoConnector'
                Direction     = 'Received'
                StartDate     = $from
                EndDate       = $to
            }
        }
    }

    $senders = New-Object 'System.Collections.Generic.SortedSet[string]' ([StringComparer]::OrdinalIgnoreCase)
    for ($back = 1; $back -le [Math]::Min(10, $Days); $back++) {
        $source = Join-Path $Folder ('messagetrace-' + (Format-Day $today.AddDays(-$back)) + '.csv')
        if (-not (Test-Path -LiteralPath $source)) { continue }
        foreach ($row in @(Import-Csv -LiteralPath $source -Encoding UTF8)) {
            if ($row.FromIP -and (Test-Own $row.SenderAddress) -and (Test-Own $row.RecipientAddress)) {
                [void] $senders.Add($row.SenderAddress)
            }
        }
    }
    # A report takes 100 addresses.
    $all = @($senders)
    for ($at = 0; $at -lt [Math]::Min($all.Count, 1000); $at += 100) {
        $group = @($all | Select-Object -Skip $at -First 100)
        Start-Report -Title ('Postern extended trace {0} {1}' -f (Format-Day $today), ($at / 100 + 1)) -Options @{
            ReportType    = 'MessageTraceDetail'
            SenderAddress = $group
            StartDate     = $today.AddDays(-[Math]::Min(10, $Days))
            EndDate       = $today
        }
    }

    $ours = @($started | ForEach-Object { $_.ReportTitle })
    $status = @(Get-HistoricalSearch | Where-Object { $ours -contains $_.ReportTitle } |
            Select-Object -Property 'ReportTitle', 'Status', 'Rows', 'JobId', 'FileUrl')
    Save-Text 'reports-status.json' (ConvertTo-Json -InputObject @($status | ForEach-Object { ConvertTo-Plain $_ }) -Depth 4)
    $status | Format-Table -Property 'ReportTitle', 'Status', 'Rows' | Out-Host
    foreach ($full in @($status | Where-Object { [int] $_.Rows -ge 100000 })) {
        Write-Warning ('The report "{0}" is full: start the script again with -ReportDays 1.' -f $full.ReportTitle)
    }
}

Write-Host ('The evidence is in {0}' -f $Folder)
Write-Host 'Save the reports there too, and DMARC reports, exports of Defender and mailboxes if you have them; then read the folder with postern audit.'
`;
