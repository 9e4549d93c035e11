package io.scopegate.gateway.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.scopegate.authz.Authentication.Proof;
import io.scopegate.authz.Lease;
import io.scopegate.gateway.access.TenancyConfig.Source;
import io.scopegate.gateway.access.TenantResolver.Resolved;
import io.scopegate.gateway.answer.Refusal.Reason;
import io.scopegate.gateway.route.Operation;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Chars;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class TenantResolverTest {
  private final TenantResolver tenants =
      new TenantResolver(Configs.tenancy(Source.HEADER, Source.NAMESPACE));

  private Resolved read(String header) {
    return tenants.resolve(header, Configs.JANE, Proof.NONE, Operation.READ);
  }

  @ParameterizedTest
  @ValueSource(strings = {"payments", "azAZ09", "A", "1", "!-_.*'()", "...", "a.b", "..a"})
  void takesTemposNames(String name) {
    Resolved resolved = read(name);
    assertThat(resolved.refusal()).isNull();
    assertThat(resolved.names()).containsExactly(name);
    assertThat(resolved.sent().toString()).isEqualTo(name);
    assertThat(resolved.label()).isEqualTo(name);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ".",
        "..",
        " ",
        "a b",
        "a ",
        " a",
        "a:x=y",
        ":",
        "a/b",
        "a,b",
        "a\\b",
        "a\u0000",
        "a\r\nb",
        "\u00e9",
        "a%41",
        "a\"b",
        "a|",
        "|a",
        "|",
        "||",
        "a||b",
        "a|.",
        "a|b:c",
        "a|b c",
        "{tenant}",
        "a#b",
        "a&b",
        "a;b"
      })
  void refusesWhatTempoRefusesOrReadsInTwoWays(String value) {
    Resolved resolved = read(value);
    assertThat(resolved.refusal()).isNotNull();
    assertThat(resolved.refusal().reason()).isEqualTo(Reason.TENANT_INVALID);
    assertThat(resolved.refusal().detail()).startsWith("tenant: ").matches("[ -~]*");
    assertThat(resolved.names()).isEmpty();
  }

  @Test
  void takes150BytesAndNoMore() {
    assertThat(read("x".repeat(150)).refusal()).isNull();
    assertThat(read("x".repeat(151)).refusal()).isNotNull();
  }

  @Test
  void aQueryMayHaveSeveralTenantsSortedForUpstream() {
    Resolved resolved = read("showcase|payments|showcase");
    assertThat(resolved.names()).containsExactly("showcase", "payments");
    assertThat(resolved.sent().toString()).isEqualTo("payments|showcase");
    assertThat(resolved.label()).isEqualTo("payments|showcase");
  }

  @Test
  void theSameTenantTwiceIsOne() {
    assertThat(read("a|a").sent().toString()).isEqualTo("a");
    assertThat(tenants.resolve("a|a", Configs.JANE, Proof.NONE, Operation.WRITE).sent().toString())
        .isEqualTo("a");
  }

  @ParameterizedTest
  @ValueSource(strings = {"WRITE", "ADMIN"})
  void onlyAQueryMayHaveSeveral(Operation operation) {
    assertThat(tenants.resolve("a|b", Configs.JANE, Proof.NONE, operation).refusal().detail())
        .contains("only a query");
  }

  @Test
  void refusesTooMany() {
    StringBuilder sixteen = new StringBuilder("t0");
    for (int i = 1; i < 16; i++) {
      sixteen.append("|t").append(i);
    }
    assertThat(read(sixteen.toString()).refusal()).isNull();
    assertThat(read(sixteen + "|t16").refusal().detail()).contains("at most 16");
    assertThat(read(sixteen + "|t0").refusal()).isNull();
  }

  @Test
  void withoutAHeaderTheServiceAccountsNamespaceIsTheTenant() {
    Resolved resolved = tenants.resolve(null, Configs.INGEST, Proof.NONE, Operation.WRITE);
    assertThat(resolved.sent().toString()).isEqualTo("payments");
    assertThat(
            tenants.resolve("other", Configs.INGEST, Proof.NONE, Operation.WRITE).sent().toString())
        .isEqualTo("other");
  }

  @Test
  void anEmptyHeaderIsAMissingOneWhereTheNamespaceGivesATenant() {
    Resolved resolved = tenants.resolve("", Configs.INGEST, Proof.NONE, Operation.WRITE);
    assertThat(resolved.sent().toString()).isEqualTo("payments");
    assertThat(resolved.source()).isEqualTo("namespace");
  }

  @Test
  void anEmptyHeaderIsRefusedWhereNothingElseGivesATenant() {
    assertThat(read("").refusal().detail())
        .startsWith("tenant: empty (expected: the header x-scope-orgid");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "jane",
        "system:serviceaccount:",
        "system:serviceaccount::x",
        "system:serviceaccount:ns",
        "system:serviceaccount:ns:",
        "system:node:n"
      })
  void otherUsersHaveNoNamespace(String name) {
    Resolved resolved = tenants.resolve(null, Configs.user(name), Proof.NONE, Operation.READ);
    assertThat(resolved.refusal().detail()).contains("x-scope-orgid").contains("namespace");
  }

  @Test
  void theFirstSourceThatGivesATenantWins() {
    TenantResolver namespaceFirst =
        new TenantResolver(Configs.tenancy(Source.NAMESPACE, Source.HEADER));
    assertThat(
            namespaceFirst
                .resolve("other", Configs.INGEST, Proof.NONE, Operation.READ)
                .sent()
                .toString())
        .isEqualTo("payments");
    assertThat(
            namespaceFirst
                .resolve("other", Configs.JANE, Proof.NONE, Operation.READ)
                .sent()
                .toString())
        .isEqualTo("other");
    TenantResolver namespaceOnly = new TenantResolver(Configs.tenancy(Source.NAMESPACE));
    assertThat(namespaceOnly.resolve("other", Configs.JANE, Proof.NONE, Operation.READ).refusal())
        .isNotNull();
  }

  private static Proof proof(Proof.Source source, String tenant) {
    return new Proof(source, tenant, 0, Long.MAX_VALUE, new Lease());
  }

  @Test
  void aCredentialThatNamesATenantGivesItInItsPlace() {
    TenantResolver both =
        new TenantResolver(Configs.tenancy(Source.CERTIFICATE, Source.CLAIM, Source.HEADER));
    Resolved unit =
        both.resolve(
            "other", Configs.JANE, proof(Proof.Source.CERTIFICATE, "payments"), Operation.READ);
    assertThat(unit.names()).containsExactly("payments");
    assertThat(unit.source()).isEqualTo("certificate");
    for (Proof.Source source : List.of(Proof.Source.OIDC, Proof.Source.CLUSTER_KEYS)) {
      Resolved claim =
          both.resolve("other", Configs.JANE, proof(source, "payments"), Operation.WRITE);
      assertThat(claim.names()).containsExactly("payments");
      assertThat(claim.source()).isEqualTo("claim");
    }
    Resolved header =
        both.resolve("other", Configs.JANE, proof(Proof.Source.CERTIFICATE, ""), Operation.READ);
    assertThat(header.names()).containsExactly("other");
  }

  @Test
  void whatACredentialNamesCountsOnlyForItsOwnSource() {
    Proof certificate = proof(Proof.Source.CERTIFICATE, "a");
    Proof claim = proof(Proof.Source.OIDC, "a");
    TenantResolver units = new TenantResolver(Configs.tenancy(Source.CERTIFICATE));
    TenantResolver claims = new TenantResolver(Configs.tenancy(Source.CLAIM));
    assertThat(units.resolve(null, Configs.JANE, claim, Operation.READ).refusal().detail())
        .contains("OU");
    assertThat(claims.resolve(null, Configs.JANE, certificate, Operation.READ).refusal().detail())
        .contains("claim");
    assertThat(read("b").source()).isEqualTo("header");
    assertThat(tenants.resolve(null, Configs.JANE, certificate, Operation.READ).refusal())
        .isNotNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"a|b", "a:b", "..", "a b", "a/b"})
  void aCredentialsTenantIsReadAsStrictly(String name) {
    TenantResolver units = new TenantResolver(Configs.tenancy(Source.CERTIFICATE, Source.HEADER));
    assertThat(
            units
                .resolve(
                    "fine", Configs.JANE, proof(Proof.Source.CERTIFICATE, name), Operation.READ)
                .refusal())
        .isNotNull();
  }

  @Test
  void namesBecomeIdsAndIdsAreNoNames() {
    TenantResolver mapped =
        new TenantResolver(Configs.tenancy(Map.of("payments", "9", "showcase", "10")));
    Resolved resolved =
        mapped.resolve("payments|showcase", Configs.JANE, Proof.NONE, Operation.READ);
    assertThat(resolved.names()).containsExactly("payments", "showcase");
    assertThat(resolved.sent().toString()).isEqualTo("10|9");
    assertThat(mapped.resolve("other", Configs.JANE, Proof.NONE, Operation.READ).sent().toString())
        .isEqualTo("other");
    for (String id : List.of("9", "other|9", "9|9")) {
      assertThat(mapped.resolve(id, Configs.JANE, Proof.NONE, Operation.READ).names())
          .anyMatch(mapped::isIdOfAnother);
    }
    assertThat(resolved.names()).noneMatch(mapped::isIdOfAnother);
    assertThat(mapped.resolve(null, Configs.INGEST, Proof.NONE, Operation.WRITE).sent().toString())
        .isEqualTo("9");
  }

  @Test
  void swappedIdsStayTwoTenants() {
    TenantResolver mapped = new TenantResolver(Configs.tenancy(Map.of("a", "b", "b", "a")));
    assertThat(mapped.resolve("a", Configs.JANE, Proof.NONE, Operation.READ).sent().toString())
        .isEqualTo("b");
    assertThat(mapped.resolve("b", Configs.JANE, Proof.NONE, Operation.READ).sent().toString())
        .isEqualTo("a");
  }

  @Test
  void refusesAConfigurationWithOneIdForTwoOrAnImpossibleOne() {
    Map<String, String> twice = new LinkedHashMap<>(Map.of("a", "1"));
    twice.put("b", "1");
    for (Map<String, String> ids : List.of(twice, Map.of("a", "x:y"), Map.of("a|b", "1"))) {
      assertThatThrownBy(() -> new TenantResolver(Configs.tenancy(ids)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("tenancy.ids");
    }
  }

  @Property(tries = 2000)
  void whateverIsSentUpstreamIsAListOfTemposNames(
      @ForAll
          @StringLength(max = 40)
          @Chars({'a', 'b', '|', ':', '.', '*', ' ', '\u0000', '\u017f'})
          String value) {
    Resolved resolved = read(value);
    if (resolved.refusal() == null) {
      List<String> sent = Arrays.asList(resolved.sent().toString().split("\\|", -1));
      assertThat(sent).isSorted().doesNotHaveDuplicates().hasSameSizeAs(resolved.names());
      assertThat(sent)
          .allSatisfy(name -> assertThat(name).matches("[A-Za-z0-9!_.*'()-]+").isNotIn(".", ".."));
    } else {
      assertThat(resolved.sent().toString()).isEmpty();
    }
  }

  @Property(tries = 1000)
  void neverFailsOnAnyValue(@ForAll String value) {
    Resolved resolved = read(value);
    assertThat(resolved.refusal() == null).isEqualTo(!resolved.names().isEmpty());
  }

  @Test
  void saysWhatIsWrongWithAName() {
    assertThat(TenantResolver.flaw("")).isEqualTo("empty (expected: a name)");
    assertThat(TenantResolver.flaw("a{b")).contains("\"a{b\" holds '{' that is not allowed");
    assertThat(TenantResolver.flaw("a~b")).contains("'~'");
    assertThat(TenantResolver.flaw("a b")).contains("holds a character that");
    assertThat(TenantResolver.flaw("a\u007f")).contains("holds a character that");
    assertThat(TenantResolver.flaw("x".repeat(151)))
        .startsWith("151 bytes (expected: at most 150)");
    assertThat(TenantResolver.flaw("..")).isEqualTo(".. (expected: a name)");
    assertThat(TenantResolver.flaw("..a")).isNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"`", "{", "@", "[", "/", ":"})
  void theNeighboursOfLettersAndDigitsAreNotAllowed(String character) {
    assertThat(TenantResolver.flaw("a" + character)).isNotNull();
  }
}
