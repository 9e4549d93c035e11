package io.scopegate.gateway.explain;

import io.scopegate.authz.Authorization;
import io.scopegate.authz.Authorization.Ground;
import io.scopegate.config.EffectiveYaml;
import io.scopegate.gateway.limit.TenantLimits;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The terms that the text and the JSON form of an explanation share. */
final class ExplanationTerms {
  private ExplanationTerms() {}

  /** What decided about the right; empty when nothing did. */
  static String of(Ground.Source source) {
    return switch (source) {
      case NONE -> "";
      case SUBJECT_ACCESS_REVIEW -> "SubjectAccessReview";
      case STATIC_RULE -> "a rule of authorization.static";
    };
  }

  /** The answer for one tenant of a request; null when it was not needed any more. */
  static String of(@Nullable Authorization answer) {
    if (answer == null) {
      return "not asked";
    }
    return switch (answer.decision()) {
      case ALLOW -> "yes";
      case DENY -> "no";
      case UNDECIDED -> "undecided";
    };
  }

  /** How old an answer is, as text; empty when that is not known. */
  static String age(long answeredMillis, boolean stale, Explanation e) {
    if (answeredMillis == 0) {
      return "";
    }
    if (answeredMillis >= e.startMillis() && !stale) {
      return "just now";
    }
    long millis = Math.max(0, e.nowMillis() - answeredMillis);
    String age = String.format(Locale.ROOT, "answered %.1f s ago", millis / 1000.0);
    return stale
        ? age + "; expired, used because the API server cannot be asked"
        : age + ", from the cache";
  }

  /** The limits that are set, by their keys. */
  static Map<String, String> limits(TenantLimits limits) {
    Map<String, String> set = new LinkedHashMap<>();
    EffectiveYaml.of(limits)
        .lines()
        .map(line -> line.split(": ", 2))
        .filter(pair -> pair.length == 2 && !pair[1].equals("null"))
        .forEach(pair -> set.put(pair[0], pair[1].replace("\"", "")));
    return set;
  }
}
