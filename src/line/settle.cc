// What becomes of a try: published, or rejected, delivery by delivery where that is needed.
#include <algorithm>
#include <iterator>
#include <utility>

#include "base/text.h"
#include "line/settle_records.h"
#include "line/unit_run.h"

namespace andon::line {

using pipeline::Event;

Result<Event::Kind> UnitRun::Settle(std::vector<Piece> pieces, Attempt attempt) {
  const bool is_single = unit_.datasets.size() == 1;
  if (attempt.has_bad_delivery) {
    TRY(RejectBadDeliveries(pieces, attempt));
    // What is left of a dataset that moves alone goes on; circles wait for one another.
    if (is_single && !pieces[0].deliveries.empty()) {
      const TaskReport earlier = ReportOf(pieces[0].dataset->address);
      is_collecting_ = true;
      Attempt rest = TRY(TryPieces(pieces));
      auto kind = TRY(Settle(std::move(pieces), std::move(rest)));
      TaskReport& report = ReportOf(earlier.dataset);
      report.rejected.insert(report.rejected.begin(), earlier.rejected.begin(),
                             earlier.rejected.end());
      report.breaks.insert(report.breaks.begin(), earlier.breaks.begin(), earlier.breaks.end());
      if (!report.incident) report.incident = earlier.incident;
      is_collecting_ = false;
      End(report);
      return kind;
    }
    return Event::kRed;
  }
  if (!attempt.is_red()) return Publish(pieces, attempt);
  if (is_single && pieces[0].deliveries.size() > 1) {
    TRY(DropBranch(context_.world, pieces[0].dataset->name, attempt.branch));
    return IsolateRed(std::move(pieces[0]));
  }
  TRY(RejectRed(pieces, attempt));
  return Event::kRed;
}

namespace {

template <typename T>
void MoveToEnd(std::vector<T>& from, std::vector<T>& to) {
  std::move(from.begin(), from.end(), std::back_inserter(to));
  from.clear();
}

}  // namespace

// Several deliveries, and something in them is red: one after the other, so that a bad one blocks
// no other.
Result<Event::Kind> UnitRun::IsolateRed(Piece piece) {
  const std::vector<ingest::Delivery> all = std::move(piece.deliveries);
  const bool was_collecting = std::exchange(is_collecting_, true);
  const std::string& address = piece.dataset->address;
  std::vector<ingest::Delivery> good;
  std::optional<Attempt> green;  // Of exactly `good`.
  TaskReport rejected;           // What is to be told of the red ones, together.
  for (const ingest::Delivery& delivery : all) {
    piece.deliveries = good;
    piece.deliveries.push_back(delivery);
    Attempt attempt = TRY(TryPieces({piece}));
    if (attempt.is_red()) {
      Piece red = piece;
      red.deliveries = {delivery};
      ReportOf(address) = TaskReport{.dataset = address, .name = piece.dataset->name};
      TRY(RejectRed({red}, attempt, good));
      TaskReport& one = ReportOf(address);
      MoveToEnd(one.rejected, rejected.rejected);
      MoveToEnd(one.failed, rejected.failed);
      MoveToEnd(one.slices, rejected.slices);
      rejected.incident = one.incident;
      continue;
    }
    if (green) {
      TRY(DropBranch(context_.world, piece.dataset->name, green->branch));
    }
    green = std::move(attempt);
    good.push_back(delivery);
  }
  Event::Kind kind = Event::kRed;
  if (green) {
    piece.deliveries = good;
    ReportOf(address) = TaskReport{.dataset = address, .name = piece.dataset->name};
    kind = TRY(Publish({piece}, *green));
  }
  TaskReport& report = ReportOf(address);
  // A publish, and one that became red, has its own to tell as well.
  MoveToEnd(report.rejected, rejected.rejected);
  MoveToEnd(report.failed, rejected.failed);
  MoveToEnd(report.slices, rejected.slices);
  report.rejected = std::move(rejected.rejected);
  report.failed = std::move(rejected.failed);
  report.slices = std::move(rejected.slices);
  if (rejected.incident) report.incident = rejected.incident;
  is_collecting_ = was_collecting;
  End(report);
  return kind;
}

}  // namespace andon::line
