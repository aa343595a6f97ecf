#include <fmt/format.h>

#include "cli/infrastructure.h"
#include "cli/infrastructure_plan_file.h"
#include "cli/open_project.h"
#include "cli/planning.h"
#include "config/value_json.h"
#include "infratext/state_json.h"
#include "infratext/state_text.h"
#include "io/local_file_system.h"
#include "plan/plan_file.h"

namespace andon::cli {
namespace {

ExitCode ShowPlanFile(Context& context, const Arguments& arguments, const std::string& file) {
  io::LocalFileSystem files;
  auto text = files.Read(file);
  if (!text.ok()) return context.Fail(text.error());
  if (IsSavedPlan(*text)) {
    auto home = StateHomeOf(context, arguments);
    if (!home.ok()) return context.Fail(home.error());
    auto saved = ReadSavedPlan(file, home->plan_codec);
    if (!saved.ok()) return context.Fail(saved.error());
    context.Print(context.json ? saved->json + "\n" : saved->text);
    return ExitCode::kDone;
  }
  auto plan = plan::ReadPlanFile(*text);
  if (!plan.ok()) return context.Fail(std::move(plan).error().In(file));
  if (context.json) {
    context.Line(plan::PlanDocument(*plan).Dump());
  } else {
    context.Print(plan::RenderPlan(*plan, RenderOptionsOf(context)));
  }
  return ExitCode::kDone;
}

Json StateDocument(int64_t id, const std::vector<definition::Object>& objects) {
  Json list = Json::List();
  for (const definition::Object& object : objects) {
    list.Push(Json::Object({{"address", object.address},
                            {"type", object.kind},
                            {"position", object.positions[""]},
                            {"values", object.attributes}}));
  }
  return Json::Object(
      {{"format_version", "1.0"},
       {"release", id},
       {"values",
        Json::Object({{"root_module", Json::Object({{"resources", std::move(list)}})}})}});
}

// The state, where the folder is one of infrastructure alone.
ExitCode ShowState(Context& context, const Arguments& arguments) {
  auto state = ReadStateOnly(context, arguments);
  if (!state.ok()) return context.Fail(state.error());
  auto source = InstalledProviders(context);
  infra::ProviderPool pool(*source);
  if (context.json) {
    context.Line(infratext::StateJson(*state, SchemasOf(pool)));
  } else {
    context.Print(
        infratext::RenderState(*state, SchemasOf(pool), TextOptionsOf(context, arguments)));
  }
  return ExitCode::kDone;
}

ExitCode Run(Context& context, const Arguments& arguments) {
  if (!arguments.positional.empty())
    return ShowPlanFile(context, arguments, arguments.positional[0]);
  if (HasInfrastructureAlone(context)) return ShowState(context, arguments);
  auto db = OpenDatabase(context, false);
  if (!db.ok()) return context.Fail(db.error());
  auto id = release::CurrentId(**db);
  if (!id.ok()) return context.Fail(id.error());
  auto objects = release::Objects(**db, *id);
  if (!objects.ok()) return context.Fail(objects.error());
  if (context.json) {
    context.Line(StateDocument(*id, *objects).Dump());
    return ExitCode::kDone;
  }
  if (objects->empty()) {
    context.Line("The current release declares nothing.");
    return ExitCode::kDone;
  }
  for (const plan::ObjectState& object : builtin::Prior(*objects)) {
    context.Line(
        fmt::format("# {}  {}", ToString(object.address), object.positions[""].AsString()));
    for (const std::string& name : object.object.attribute_order()) {
      context.Line(fmt::format("    {:<12} = {}", name,
                               plan::OneLine(*object.object.Find(name), context.width)));
    }
    context.Line();
  }
  context.Line(fmt::format("{} objects of release {}.", objects->size(), *id));
  return ExitCode::kDone;
}

}  // namespace

extern const Command kShow = {
    .name = "show",
    .group = Group::kChange,
    .summary = "Show the current definitions, or a saved plan",
    .usage = "[PLANFILE]",
    .description =
        "Without a file it prints the objects of the current release, or, in a folder of "
        "infrastructure alone, those of its state. Changes nothing.",
    .positional_min = 0,
    .positional_max = 1,
    .flags =
        WithVariableFlags({{"show-sensitive", FlagKind::kBool, "", "Shows sensitive values."}}),
    .examples = {{"andon show", "What is declared now."},
                 {"andon show -json", "The same, for programs."}},
    .run = Run,
};

}  // namespace andon::cli
