/** The details, which alone tell the connector. */
export const details = String.raw`
# ---------------------------------------------------------------------------------------------------------------
# Step 3: details. They tell the connector, the name the client gave itself, and the envelope sender. Asked for are messages from
# one of your domains to one of your domains that came from outside (mail from within has no FromIP), for each pair
# of address and sender a few a day, the newest day first. This is the long step: stop whenever you like.
# ---------------------------------------------------------------------------------------------------------------
function Save-DetailDay {
    param([DateTime] $Day, [string] $TraceName, [string] $Name)
    $final = Join-Path $Folder $Name
    $source = Join-Path $Folder $TraceName
    if ((Test-Path -LiteralPath $final) -or -not (Test-Path -LiteralPath $source)) { return }
    $part = $final + '.part'

    # What a run that was stopped has already been answered; a last line that is cut off is none.
    $had = New-Object 'System.Collections.Generic.HashSet[string]' ([StringComparer]::OrdinalIgnoreCase)
    if (Test-Path -LiteralPath $part) {
        $whole = New-Object 'System.Collections.Generic.List[string]'
        foreach ($line in [System.IO.File]::ReadAllLines($part, $utf8)) {
            try {
                $entry = ConvertFrom-Json -InputObject $line
                [void] $had.Add(('{0} {1}' -f $entry.MessageTraceId, $entry.RecipientAddress))
                $whole.Add($line)
            }
            catch {
                Write-Verbose 'a line that was cut off is left out'
            }
        }
        [System.IO.File]::WriteAllLines($part, $whole, $utf8)
    }
    else {
        [System.IO.File]::WriteAllText($part, '', $utf8)
    }

    # A question may span ten days; a message can be delivered days after it came.
    $until = $Day.AddDays(9)
    if ($until -gt [DateTime]::UtcNow) { $until = [DateTime]::UtcNow }

    $counts = @{}
    foreach ($row in @(Import-Csv -LiteralPath $source -Encoding UTF8)) {
        if (-not $row.FromIP -or -not (Test-Own $row.SenderAddress) -or -not (Test-Own $row.RecipientAddress)) { continue }
        $pair = ('{0} {1}' -f $row.FromIP, $row.SenderAddress).ToLowerInvariant()
        $count = [int] $counts[$pair]
        if (-not $AllDetails -and $count -ge $DetailsPerSender) { continue }
        $counts[$pair] = $count + 1
        if (-not $had.Add(('{0} {1}' -f $row.MessageTraceId, $row.RecipientAddress))) { continue }

        $query = @{
            MessageTraceId   = $row.MessageTraceId
            RecipientAddress = $row.RecipientAddress
            StartDate        = $Day
            EndDate          = $until
        }
        $found = @(Invoke-Patiently { Get-MessageTraceDetailV2 @query -WarningAction SilentlyContinue })
        $lines = foreach ($entry in $found) {
            $plain = [ordered] @{
                MessageTraceId   = [string] $row.MessageTraceId
                MessageId        = [string] $row.MessageId
                RecipientAddress = [string] $row.RecipientAddress
                Date             = Format-Time $entry.Date
                Event            = [string] $entry.Event
                Action           = [string] $entry.Action
                Detail           = [string] $entry.Detail
                Data             = [string] $entry.Data
            }
            ConvertTo-Json -InputObject ([PSCustomObject] $plain) -Depth 2 -Compress
        }
        if ($lines) {
            [System.IO.File]::AppendAllText($part, (@($lines) -join [Environment]::NewLine) + [Environment]::NewLine, $utf8)
        }
    }
    Move-Item -LiteralPath $part -Destination $final -Force
}

if ($AllDetails -or $DetailsPerSender -gt 0) {
    for ($back = 1; $back -le $Days; $back++) {
        $day = $today.AddDays(-$back)
        $text = Format-Day $day
        Write-Progress -Activity 'Step 3 of 4: details' -Status $text -PercentComplete (100 * ($back - 1) / $Days)
        if ($day -gt $earliest) {
            Save-DetailDay -Day $day -TraceName ('messagetrace-' + $text + '.csv') -Name ('messagetracedetail-' + $text + '.ndjson')
        }
    }
    Write-Progress -Activity 'Step 3 of 4: details' -Completed
}
`;
