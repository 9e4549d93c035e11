package io.scopegate.gateway.route;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** What must hold for any request target whatever. */
class CanonicalPathTest {
  private static final EndpointTable GENERIC =
      EndpointTable.of(List.of(Set.of(Protocol.GENERIC_READ)));
  private static final EndpointTable QUERY =
      EndpointTable.of(List.of(Set.of(Protocol.TEMPO_QUERY)));

  @Provide
  Arbitrary<String> targets() {
    Arbitrary<String> pieces =
        Arbitraries.of(
            "/",
            "/",
            "/",
            ".",
            "..",
            "%2e",
            "%2F",
            "%5c",
            "\\",
            ";",
            "?",
            "#",
            "%",
            "%0a",
            "%zz",
            "a",
            "api",
            "search",
            "tag",
            "values",
            "v2",
            "traces",
            "/api/search/tag/",
            "/values",
            " ",
            "\r\n",
            "\u0000",
            "ü",
            "{",
            "\"",
            "~",
            "=",
            "&",
            "/api/v2/search/tag/");
    return pieces.list().ofMaxSize(12).map(list -> "/" + String.join("", list));
  }

  @Provide
  Arbitrary<String> anything() {
    return Arbitraries.strings().withCharRange('\u0000', '\u017f').ofMaxLength(40);
  }

  @Property(tries = 20_000, seed = "20261121")
  void acceptedPathsAreTheirOwnNormalForm(@ForAll("targets") String target) {
    if (GENERIC.route("GET", target, null).endpoint() == null) {
      return;
    }
    String path = EndpointTable.pathOf(target).toString();
    boolean tag = TagPath.of(path, path.length()) != null;
    if (!tag) {
      URI uri = URI.create("http://tempo" + path);
      assertThat(uri.normalize().getRawPath()).isEqualTo(path);
      assertThat(path).doesNotContain("//").doesNotContainIgnoringCase("%2f", "%5c", "%2e");
    }
    String decoded = URLDecoder.decode(path.replace("+", "%2B"), StandardCharsets.UTF_8);
    assertThat(decoded.split("[/\\\\]")).doesNotContain(".", "..");
    assertThat(target).doesNotContain("\r", "\n", "\u0000", " ", "#");
  }

  @Property(tries = 20_000, seed = "20261121")
  void routingNeverFailsAndNeverGoesBeyondTheTable(@ForAll("anything") String target) {
    Routed routed = QUERY.route("GET", target, null);

    assertThat(routed.refusal() == null).isEqualTo(routed.endpoint() != null);
    if (routed.endpoint() != null) {
      assertThat(Rows.ALL).extracting(Row::endpoint).contains(routed.endpoint());
      assertThat(target)
          .startsWith(
              Rows.ALL.stream()
                  .filter(row -> row.endpoint().equals(routed.endpoint()))
                  .findFirst()
                  .orElseThrow()
                  .prefix());
    }
  }

  @Property(tries = 5_000, seed = "20261121")
  void whatIsRoutedOnTheQueryApiStartsAsItsRow(@ForAll("targets") String target) {
    Routed routed = QUERY.route("GET", target, null);

    if (routed.endpoint() != null) {
      String prefix = routed.endpoint().name().replaceAll("\\{.*", "");
      assertThat(target).startsWith(prefix);
    }
  }
}
