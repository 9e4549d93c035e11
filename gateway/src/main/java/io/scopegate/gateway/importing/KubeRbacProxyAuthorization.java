package io.scopegate.gateway.importing;

import io.scopegate.config.KeyPath;
import io.scopegate.config.Loaded;
import io.scopegate.gateway.importing.KubeRbacProxyFile.Attributes;
import io.scopegate.gateway.importing.KubeRbacProxyFile.Authorization;
import io.scopegate.gateway.importing.KubeRbacProxyFile.Named;
import io.scopegate.gateway.importing.KubeRbacProxyFile.Rewrites;
import io.scopegate.gateway.importing.KubeRbacProxyFile.Rule;
import io.scopegate.gateway.importing.KubeRbacProxyFile.User;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The section {@code authorization} that is equivalent to that of a kube-rbac-proxy's file: what is
 * reviewed, and the rules that are decided without a review.
 */
final class KubeRbacProxyAuthorization {
  private static final KeyPath ROOT = KeyPath.of("authorization");
  private static final String EVERYBODY = "system:authenticated";

  private final Loaded<KubeRbacProxyFile> file;
  private final @Nullable Authorization authorization;
  private final Draft out;
  private final List<String> notes;

  /**
   * Of a file.
   *
   * @param out what the section is written to
   * @param notes what each difference is added to
   */
  KubeRbacProxyAuthorization(Loaded<KubeRbacProxyFile> file, Draft out, List<String> notes) {
    this.file = file;
    this.authorization = file.partial().map(KubeRbacProxyFile::authorization).orElse(null);
    this.out = out;
    this.notes = notes;
  }

  /** Writes the section. */
  void write() {
    Attributes attributes = authorization == null ? null : authorization.resourceAttributes();
    out.section(
        "authorization",
        () -> {
          out.entry("mapping", attributes == null ? "non-resource" : "custom");
          if (attributes != null) {
            out.section("resourceAttributes", () -> attributes(attributes));
            out.texts("rewrites", rewrites());
          }
          rules();
        });
    if (attributes == null) {
      notes.add("A path that is reviewed has at most 1024 characters.");
    } else if (!rewrites().isEmpty()) {
      notes.add("At most 16 values of up to 256 characters are reviewed per request.");
    }
  }

  private void attributes(Attributes attributes) {
    template("apiGroup", attributes.apiGroup());
    template("apiVersion", attributes.apiVersion());
    template("resource", attributes.resource());
    template("subresource", attributes.subresource());
    template("name", attributes.name());
    template("namespace", attributes.namespace());
  }

  private void template(String key, String template) {
    String translated = GoTemplate.translated(template).orElse(null);
    if (translated == null) {
      file.problem(
          ROOT.key("resourceAttributes").key(key),
          template,
          "no other braces than those of {{ .Value }}");
    }
    out.entry(key, translated == null ? "" : translated);
  }

  /** What names the value in a request, by the keys here. */
  Map<String, String> rewrites() {
    Map<String, String> keys = new LinkedHashMap<>();
    Authorization asked = authorization;
    Rewrites rewrites =
        asked == null || asked.resourceAttributes() == null ? null : asked.rewrites();
    if (rewrites != null) {
      keys.put("header", name(rewrites.byHttpHeader()));
      keys.put("query", name(rewrites.byQueryParameter()));
      keys.values().removeIf(String::isEmpty);
    }
    return keys;
  }

  private static String name(@Nullable Named named) {
    return named == null ? "" : named.name();
  }

  private void rules() {
    List<Rule> rules = authorization == null ? List.of() : authorization.staticRules();
    if (rules.isEmpty()) {
      return;
    }
    out.section(
        "static",
        () -> {
          for (int i = 0; i < rules.size(); i++) {
            rule(rules.get(i), i);
          }
        });
  }

  private void rule(Rule rule, int i) {
    if (rule.resourceRequest() == !rule.path().isEmpty()) {
      file.problem(
          ROOT.key("static").index(i),
          "resourceRequest: " + rule.resourceRequest() + ", path: " + rule.path(),
          "a path, or resourceRequest: true");
    }
    User user = rule.user();
    if (user != null && !user.name().isEmpty()) {
      rule("user", user.name(), rule);
    } else if (user == null || user.groups().isEmpty()) {
      rule("group", EVERYBODY, rule);
    } else {
      user.groups().forEach(group -> rule("group", group, rule));
      notes.add(
          "static["
              + i
              + "] applies to the members of its groups: kube-rbac-proxy ignores `groups` and"
              + " grants it to everybody.");
    }
    if (user != null && !user.name().isEmpty() && !user.groups().isEmpty()) {
      notes.add("static[" + i + "]: `groups` has no effect with a name, as in kube-rbac-proxy.");
    }
  }

  private void rule(String kind, String who, Rule rule) {
    Map<String, String> review = new LinkedHashMap<>();
    review.put("verb", rule.verb());
    review.put("apiGroup", rule.apiGroup());
    review.put("resource", rule.resource());
    review.put("subresource", rule.subresource());
    review.put("name", rule.name());
    review.put("namespace", rule.namespace());
    review.put("path", rule.path());
    review.values().removeIf(String::isEmpty);
    out.item(() -> {
      out.entry(kind, who);
      if (review.isEmpty()) {
        out.section("review", () -> out.none("verb")); // any
      } else {
        out.section("review", () -> review.forEach(out::entry));
      }
    });
  }
}
