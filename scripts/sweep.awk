# What came of the runs of scripts/sweep.sh, which calls it: results.csv, a file of
# each setting's runs, and on standard output the table of settings.
#
# Reads "NAME SETTING" a line; `out` is the folder, `names` what is varied. In a
# JSON string every '"' has a '\' before it, so '"key":' is always a member.
function member(text, key) {
    if (!match(text, "\"" key "\":[^,}]*")) return ""
    text = substr(text, RSTART + length(key) + 3, RLENGTH - length(key) - 3)
    return text == "null" ? "" : text
}
function object(text, key) {
    return match(text, "\"" key "\":[{][^}]*}") ? \
        substr(text, RSTART, RLENGTH) : ""
}
function quoted(text) {
    if (text !~ /[",]/) return text
    gsub(/"/, "\"\"", text)
    return "\"" text "\""
}
# What is varied, from the options; those given later count.
function read_options(name,   line, file, i) {
    file = out "/runs/" name ".args"
    while ((getline line < file) > 0)
        for (i = 1; i <= axes; i++)
            if (index(line, "--" axis[i] "=") == 1)
                value[i] = substr(line, length(axis[i]) + 4)
    close(file)
}
function read_run(name, setting,   line, file, last) {
    file = out "/runs/" name ".jsonl"
    while ((getline line < file) > 0) {
        print line > (out "/" setting ".jsonl")
        last = line
    }
    close(file)
    return last
}
function add(setting, figure, x) {
    if (x == "") return
    n[setting, figure]++
    all[setting, figure, n[setting, figure]] = x
    sum[setting, figure] += x
}
function told(setting, figure,   k, mean, squares, i) {
    k = n[setting, figure]
    if (!k) return "-"
    mean = sum[setting, figure] / k
    if (k == 1) return sprintf("%.4f", mean)
    for (i = 1; i <= k; i++)
        squares += (all[setting, figure, i] - mean) ^ 2
    return sprintf("%.4f +- %.4f", mean, sqrt(squares / (k - 1) / k))
}
BEGIN {
    axes = split(names, axis, " ")
    csv = out "/results.csv"
    for (i = 1; i <= axes; i++) {
        printf "%s,", axis[i] > csv
        width[i] = length(axis[i])
    }
    print "epochs,seconds,train_loss,train_accuracy,val_loss,val_accuracy," \
        "test_loss,test_accuracy" > csv
}
{
    read_options($1)
    done = read_run($1, $2)
    test = object(done, "test")
    kept = object(done, "kept")
    for (i = 1; i <= axes; i++) printf "%s,", quoted(value[i]) > csv
    printf "%s,%s,%s,%s,%s,%s,%s,%s\n", member(done, "epochs"),
        member(done, "seconds"), member(kept, "loss"), member(kept, "accuracy"),
        member(kept, "val_loss"), member(kept, "val_accuracy"),
        member(test, "loss"), member(test, "accuracy") > csv
    if (!($2 in seen)) {
        seen[$2] = ++settings
        order[settings] = $2
        for (i = 1; i < axes; i++) {
            shown[settings, i] = value[i]
            if (length(value[i]) > width[i]) width[i] = length(value[i])
        }
    }
    runs[$2]++
    add($2, "accuracy", member(test, "accuracy"))
    add($2, "loss", member(test, "loss"))
    add($2, "validation", member(kept, "val_accuracy"))
}
END {
    for (i = 1; i < axes; i++) printf "%-*s  ", width[i], axis[i]
    printf "%4s  %-18s%-18s%s\n", "runs", "test accuracy", "test loss",
        "validation accuracy"
    for (s = 1; s <= settings; s++) {
        for (i = 1; i < axes; i++) printf "%-*s  ", width[i], shown[s, i]
        printf "%4d  %-18s%-18s%s\n", runs[order[s]],
            told(order[s], "accuracy"), told(order[s], "loss"),
            told(order[s], "validation")
    }
}
