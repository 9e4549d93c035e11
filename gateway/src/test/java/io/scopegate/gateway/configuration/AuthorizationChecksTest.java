package io.scopegate.gateway.configuration;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is wrong about {@code authorization}. */
final class AuthorizationChecksTest extends CheckedConfig {
  @Test
  void resourceAttributesNeedTheCustomMapping() {
    assertProblem(
        TEMPO + "authorization: {resourceAttributes: {name: other}}",
        "2:44 authorization.resourceAttributes.name: other is never used with mapping:"
            + " tempo-operator (expected: mapping: custom, or no value here)");
    assertThat(
            problems(
                TEMPO
                    + "authorization: {mapping: custom, resourceAttributes: {name: other,"
                    + " resource: \"{tenant}-{operation}\", namespace: \"{user}\"}}"))
        .isEmpty();
  }

  @Test
  void placeholdersAreKnown() {
    assertProblem(
        TEMPO + "authorization: {mapping: custom, resourceAttributes: {name: \"{tenent}\"}}",
        "2:61 authorization.resourceAttributes.name: {tenent} (expected: {tenant}, {operation} or"
            + " {user})");
    assertThat(
            problems(TEMPO + "authorization: {mapping: custom, resourceAttributes: {name: \"{\"}}"))
        .hasSize(1);
  }

  @Test
  void aCustomMappingTellsTenantsApart() {
    assertProblem(
        TEMPO + "authorization: {mapping: custom, resourceAttributes: {resource: traces}}",
        "2:54 authorization.resourceAttributes: {tenant} is in none of them, or in apiVersion only,"
            + " which RBAC ignores (expected: {tenant} in another one)");
    assertThat(
            problems(
                TEMPO
                    + "authorization: {mapping: custom, resourceAttributes: {resource: traces,"
                    + " apiVersion: \"{tenant}\"}}"))
        .singleElement()
        .asString()
        .contains("resourceAttributes: {tenant} is in none of them");
  }

  @Test
  void readingAndWritingAreToldApart() {
    assertProblem(
        TEMPO + "authorization: {verbs: {read: use, write: use}}",
        "2:43 authorization.verbs.write: use is the verb of read, so who may read may write"
            + " (expected: another verb, or {operation} in an attribute other than apiVersion)");
    String custom =
        TEMPO
            + "authorization: {verbs: {read: use, write: use}, mapping: custom,"
            + " resourceAttributes: {resource: \"{tenant}\", %s: \"{operation}\"}}";
    assertThat(problems(custom.formatted("apiVersion"))).hasSize(1);
    assertThat(problems(custom.formatted("name"))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"''", "GET", "a b"})
  void verbsAreInLowerCase(String verb) {
    assertThat(problems(TEMPO + "authorization: {verbs: {read: " + verb + "}}"))
        .singleElement()
        .asString()
        .contains("authorization.verbs.read: ")
        .endsWith("(expected: a verb in lower case, such as get)");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "tenants: [a], operations: [read]; : names nobody (expected: one of user, group and"
            + " serviceAccount)",
        "user: u, group: g, tenants: [a], operations: [read]; : names user and group (expected:"
            + " exactly one",
        "user: ' ', tenants: [a], operations: [read]; .user: ",
        "serviceAccount: name, tenants: [a], operations: [read]; .serviceAccount: name ",
        "serviceAccount: a/b/c, tenants: [a], operations: [read]; .serviceAccount: a/b/c ",
        "serviceAccount: 'a:b/c', tenants: [a], operations: [read]; .serviceAccount: ",
        "user: u, tenants: [], operations: [read]; .tenants: [] ",
        "user: u, tenants: ['a|b'], operations: [read]; .tenants[0]: a|b ",
        "user: u, tenants: [a], operations: []; .operations: [] ",
      })
  void aStaticRuleNamesOneWhoAndWhat(String rule, String problem) {
    assertThat(problems(TEMPO + "authorization: {static: [{" + rule + "}]}"))
        .singleElement()
        .asString()
        .contains(" authorization.static[0]" + problem);
  }

  @Test
  void staticRulesOfEveryKindAreTaken() {
    assertThat(
            problems(
                TEMPO
                    + """
                    authorization:
                      static:
                      - {user: jane, tenants: [a, b], operations: [read]}
                      - {group: ops, tenants: ["*"], operations: [read, write, admin]}
                      - {serviceAccount: apps/writer, tenants: [a], operations: [write]}
                    """))
        .isEmpty();
  }
}
