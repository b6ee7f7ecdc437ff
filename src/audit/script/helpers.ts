/** Files, times and patience. */
export const helpers = String.raw`
# ---------------------------------------------------------------------------------------------------------------
# What all steps use.
# ---------------------------------------------------------------------------------------------------------------
$utf8 = New-Object System.Text.UTF8Encoding($false)
$invariant = [System.Globalization.CultureInfo]::InvariantCulture
$asked = New-Object 'System.Collections.Generic.Queue[DateTime]'

# The time in UTC as ISO 8601, whatever the regional settings of this computer. The service answers in UTC.
function Format-Time {
    param([object] $Value)
    if ($null -eq $Value -or '' -eq $Value) { return '' }
    $time = [DateTime] $Value
    if ($time.Kind -eq [DateTimeKind]::Local) { $time = $time.ToUniversalTime() }
    return $time.ToString('yyyy-MM-ddTHH:mm:ss.fff', $invariant) + 'Z'
}

function Format-Day {
    param([DateTime] $Day)
    return $Day.ToString('yyyy-MM-dd', $invariant)
}

# A file is there whole or not at all: it gets its name when it is complete.
function Save-Text {
    param([string] $Name, [string] $Text)
    $final = Join-Path $Folder $Name
    [System.IO.File]::WriteAllText($final + '.part', $Text, $utf8)
    Move-Item -LiteralPath ($final + '.part') -Destination $final -Force
}

# A setting as plain values: times in ISO 8601, lists as lists, everything else as its text.
function ConvertTo-Plain {
    param([object] $Object)
    $plain = [ordered] @{}
    foreach ($property in $Object.PSObject.Properties) {
        $value = $property.Value
        if ($null -eq $value -or $value -is [string] -or $value -is [bool] -or $value -is [int] -or $value -is [long]) {
            $plain[$property.Name] = $value
        }
        elseif ($value -is [DateTime]) {
            $plain[$property.Name] = Format-Time $value
        }
        elseif ($value -is [System.Collections.IEnumerable]) {
            $plain[$property.Name] = @($value | ForEach-Object { [string] $_ })
        }
        else {
            $plain[$property.Name] = [string] $value
        }
    }
    return [PSCustomObject] $plain
}

# "A maximum of 100 query requests are accepted within a 5 minute running window": this waits for a free place.
function Wait-Turn {
    while ($asked.Count -gt 0 -and $asked.Peek() -lt [DateTime]::UtcNow.AddMinutes(-5)) {
        [void] $asked.Dequeue()
    }
    if ($asked.Count -ge 100) {
        $wait = $asked.Dequeue().AddMinutes(5) - [DateTime]::UtcNow
        if ($wait.TotalSeconds -gt 0) { Start-Sleep -Seconds ([int] [Math]::Ceiling($wait.TotalSeconds)) }
    }
    $asked.Enqueue([DateTime]::UtcNow)
}

# Asks, and asks again after a while when the service is busy. Other errors end the script; it can be started again.
function Invoke-Patiently {
    param([scriptblock] $Question)
    foreach ($pause in 60, 180, 300, 300, 300, 0) {
        Wait-Turn
        try {
            return & $Question
        }
        catch {
            $busy = $_.Exception.Message -match 'surpassed the permitted limit|too many requests|throttl|temporarily|timed out|timeout|service unavailable|server busy|connection was closed'
            if (-not $busy -or $pause -eq 0) { throw }
            Write-Warning ('The service is busy; going on in {0} seconds.' -f $pause)
            Start-Sleep -Seconds $pause
        }
    }
}
`;
