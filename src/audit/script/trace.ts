/** The message trace, a file a day. */
export const trace = String.raw`
# ---------------------------------------------------------------------------------------------------------------
# Step 2: the message trace, one file for each day (UTC). It tells sender, recipient and the client's address, but no
# connector. Today is left to the next run; the oldest day comes first, because it is forgotten first.
# ---------------------------------------------------------------------------------------------------------------
$columns = 'MessageTraceId', 'MessageId', 'Received', 'SenderAddress', 'RecipientAddress', 'Subject', 'Status', 'ToIP', 'FromIP', 'Size'

function Save-TraceDay {
    param([DateTime] $From, [DateTime] $To, [string] $Name)
    $final = Join-Path $Folder $Name
    if (Test-Path -LiteralPath $final) { return }
    $part = $final + '.part'
    $header = '"' + ($columns -join '","') + '"' + [Environment]::NewLine
    [System.IO.File]::WriteAllText($part, $header, $utf8)

    $query = @{ StartDate = $From; EndDate = $To; ResultSize = 5000 }
    $last = ''
    do {
        # The cmdlet has no pages: the next rows begin at the recipient and the time of the last one.
        $rows = @(Invoke-Patiently { Get-MessageTraceV2 @query -WarningAction SilentlyContinue })
        $day = @($rows | Where-Object { $_.Received -lt $To } | Select-Object -Property @(
                'MessageTraceId', 'MessageId',
                @{ Name = 'Received'; Expression = { Format-Time $_.Received } },
                'SenderAddress', 'RecipientAddress', 'Subject', 'Status', 'ToIP', 'FromIP', 'Size'))
        if ($day.Count -gt 0) {
            $lines = @($day | ConvertTo-Csv -NoTypeInformation | Select-Object -Skip 1)
            [System.IO.File]::AppendAllText($part, ($lines -join [Environment]::NewLine) + [Environment]::NewLine, $utf8)
        }
        if ($rows.Count -gt 0) {
            $end = $rows[$rows.Count - 1]
            $place = '{0} {1}' -f (Format-Time $end.Received), $end.RecipientAddress
            if ($rows.Count -ge 5000 -and $place -eq $last) {
                throw ('The service repeats itself at {0}. Start the script again; if that does not help, leave this day out by making an empty file {1}.' -f $place, $final)
            }
            $last = $place
            $query['EndDate'] = [DateTime]::SpecifyKind([DateTime] $end.Received, [DateTimeKind]::Utc)
            $query['StartingRecipientAddress'] = [string] $end.RecipientAddress
        }
    } while ($rows.Count -ge 5000)
    Move-Item -LiteralPath $part -Destination $final -Force
}

$today = [DateTime]::UtcNow.AddHours(-1).Date
$earliest = [DateTime]::UtcNow.AddDays(-90).AddMinutes(10)
for ($back = $Days; $back -ge 1; $back--) {
    $from = $today.AddDays(-$back)
    $to = $from.AddDays(1)
    $text = Format-Day $from
    Write-Progress -Activity 'Step 2 of 4: message trace' -Status $text -PercentComplete (100 * ($Days - $back) / $Days)
    if ($to -gt $earliest) {
        if ($from -lt $earliest) { $from = $earliest }
        Save-TraceDay -From $from -To $to -Name ('messagetrace-' + $text + '.csv')
    }
}
Write-Progress -Activity 'Step 2 of 4: message trace' -Completed
`;
