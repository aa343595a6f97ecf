// How incidents are shown to a person on a terminal.
#pragma once

#include <string>

#include "board/board.h"
#include "cli/context.h"
#include "incident/incident.h"

namespace andon::cli {

// "1. This delivery's file: … (data, 0.85)" and its evidence; cleared ones at the end.
void PrintCauses(const Context& context, const incident::Incident& incident,
                 std::string_view indent);
void PrintImpact(const Context& context, const incident::Incident& incident,
                 std::string_view indent);
void PrintTimes(const Context& context, const board::IncidentDetail& detail,
                std::string_view indent);
void PrintTimeline(const Context& context, const board::IncidentDetail& detail,
                   std::string_view indent);
std::string PaintState(const Context& context, const incident::Incident& incident);

// "2026-11-20 08:42:52 UTC".
std::string ShortTime(Timestamp t);
// "3 h ago"; "in 2 h".
std::string Ago(Timestamp t, Timestamp now);

}  // namespace andon::cli
