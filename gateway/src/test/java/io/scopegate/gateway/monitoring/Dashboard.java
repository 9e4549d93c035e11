package io.scopegate.gateway.monitoring;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;

/** A dashboard in the making: rows of panels, three beside each other. */
final class Dashboard {
  /** What every query selects by. */
  static final String SCOPE = "job=~\"$job\",instance=~\"$instance\"";

  private static final int COLUMNS = 24;
  private static final int HEIGHT = 8;
  private static final int STAT_HEIGHT = 4;
  private static final JsonObject SOURCE =
      new JsonObject().put("type", "prometheus").put("uid", "${datasource}");

  private final String uid;
  private final String title;
  private final JsonArray variables = new JsonArray();
  private final JsonArray panels = new JsonArray();
  private int x;
  private int y;
  private int lowest;

  Dashboard(String uid, String title) {
    this.uid = uid;
    this.title = title;
    variables.add(
        new JsonObject()
            .put("name", "datasource")
            .put("label", "Data source")
            .put("type", "datasource")
            .put("query", "prometheus"));
    variable("job", "label_values(scopegate_build_info, job)", true);
    variable("instance", "label_values(scopegate_build_info{job=~\"$job\"}, instance)", true);
  }

  /** A query of a panel: what is asked and what its lines are called. */
  record Query(String expression, String legend) {}

  static Query query(String expression, String legend) {
    return new Query(expression, legend);
  }

  /** The rate of a counter, summed up. */
  static Query rate(String metric, String labels, String... by) {
    String selected = labels.isEmpty() ? SCOPE : SCOPE + "," + labels;
    return query(
        "sum%s (rate(%s{%s}[$__rate_interval]))".formatted(by(by), metric, selected), legend(by));
  }

  /** A gauge, summed up over replicas. */
  static Query sum(String metric, String... by) {
    return over("sum", metric, by);
  }

  /** The smallest value of a gauge. */
  static Query min(String metric, String... by) {
    return over("min", metric, by);
  }

  /** The largest value of a gauge. */
  static Query max(String metric, String... by) {
    return over("max", metric, by);
  }

  private static Query over(String how, String metric, String... by) {
    return query("%s%s (%s{%s})".formatted(how, by(by), metric, SCOPE), legend(by));
  }

  /** The longest of the last minutes. */
  static Query longest(String metric, String... by) {
    Query query = over("max", metric + "_max", by);
    return query(query.expression(), ("longest " + query.legend()).strip());
  }

  /** The mean of a summary. */
  static Query mean(String metric, String... by) {
    return query(
        "sum%1$s (rate(%2$s_sum{%3$s}[$__rate_interval])) / sum%1$s (rate(%2$s_count{%3$s}[$__rate_interval]))"
            .formatted(by(by), metric, SCOPE),
        ("mean " + legend(by)).strip());
  }

  /** A quantile of a histogram. */
  static Query quantile(double quantile, String metric, String labels) {
    String selected = labels.isEmpty() ? SCOPE : SCOPE + "," + labels;
    return query(
        "histogram_quantile(%s, sum by (le) (rate(%s_bucket{%s}[$__rate_interval])))"
            .formatted(quantile, metric, selected),
        "p" + (int) (quantile * 100));
  }

  private static String by(String... labels) {
    return labels.length == 0 ? "" : " by (" + String.join(", ", labels) + ")";
  }

  private static String legend(String... labels) {
    List<String> names = new ArrayList<>();
    for (String label : labels) {
      names.add("{{" + label + "}}");
    }
    return String.join(" ", names);
  }

  Dashboard variable(String name, String query, boolean several) {
    variables.add(
        new JsonObject()
            .put("name", name)
            .put("type", "query")
            .put("datasource", SOURCE)
            .put("query", query)
            .put("refresh", 2)
            .put("sort", 1)
            .put("multi", several)
            .put("includeAll", several)
            .put("allValue", several ? ".*" : null)
            .put("current", several ? all() : new JsonObject()));
    return this;
  }

  private static JsonObject all() {
    return new JsonObject().put("text", "All").put("value", "$__all");
  }

  Dashboard row(String name) {
    nextLine();
    panels.add(
        new JsonObject()
            .put("type", "row")
            .put("title", name)
            .put("id", panels.size() + 1)
            .put("collapsed", false)
            .put("panels", new JsonArray())
            .put("gridPos", position(COLUMNS, 1)));
    nextLine();
    return this;
  }

  /** A number. */
  Dashboard stat(String name, String unit, Query query) {
    return panel("stat", name, "", unit, COLUMNS / 8, STAT_HEIGHT, query);
  }

  /** Lines over time. */
  Dashboard lines(String name, String description, String unit, Query... queries) {
    return panel("timeseries", name, description, unit, COLUMNS / 3, HEIGHT, queries);
  }

  /** What holds now, as a table. */
  Dashboard table(String name, String description, String unit, Query query) {
    return panel("table", name, description, unit, COLUMNS / 3, HEIGHT, query);
  }

  private Dashboard panel(
      String type,
      String name,
      String description,
      String unit,
      int width,
      int height,
      Query... queries) {
    JsonObject custom = new JsonObject();
    if (type.equals("timeseries")) {
      custom.put("fillOpacity", 10).put("showPoints", "never");
    }
    JsonObject panel =
        new JsonObject()
            .put("type", type)
            .put("title", name)
            .put("id", panels.size() + 1)
            .put("datasource", SOURCE)
            .put("gridPos", position(width, height))
            .put("targets", targets(type, queries))
            .put(
                "fieldConfig",
                new JsonObject()
                    .put("defaults", new JsonObject().put("unit", unit).put("custom", custom))
                    .put("overrides", new JsonArray()));
    if (!description.isEmpty()) {
      panel.put("description", description);
    }
    if (type.equals("table")) {
      panel.put("transformations", tidy());
    }
    panels.add(panel);
    return this;
  }

  private static JsonArray targets(String type, Query... queries) {
    JsonArray targets = new JsonArray();
    for (Query query : queries) {
      JsonObject target =
          new JsonObject()
              .put("refId", String.valueOf((char) ('A' + targets.size())))
              .put("datasource", SOURCE)
              .put("expr", query.expression())
              .put("legendFormat", query.legend());
      if (!type.equals("timeseries")) {
        target.put("instant", true);
      }
      if (type.equals("table")) {
        target.put("format", "table");
      }
      targets.add(target);
    }
    return targets;
  }

  private static JsonArray tidy() {
    JsonObject hidden = new JsonObject().put("Time", true).put("__name__", true).put("job", true);
    return new JsonArray()
        .add(
            new JsonObject()
                .put("id", "organize")
                .put("options", new JsonObject().put("excludeByName", hidden)));
  }

  private JsonObject position(int width, int height) {
    if (x + width > COLUMNS) {
      nextLine();
    }
    JsonObject place = new JsonObject().put("x", x).put("y", y).put("w", width).put("h", height);
    x += width;
    lowest = Math.max(lowest, y + height);
    return place;
  }

  private void nextLine() {
    x = 0;
    y = lowest;
  }

  /** The file. */
  String json() {
    return new JsonObject()
            .put("uid", uid)
            .put("title", title)
            .put("tags", new JsonArray().add("scopegate"))
            .put("schemaVersion", 39)
            .put("editable", true)
            .put("timezone", "browser")
            .put("refresh", "30s")
            .put("time", new JsonObject().put("from", "now-1h").put("to", "now"))
            .put("templating", new JsonObject().put("list", variables))
            .put("panels", panels)
            .encodePrettily()
        + "\n";
  }
}
