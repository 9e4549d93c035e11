package io.scopegate.gateway.configuration;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Values that contradict nothing. */
final class ConfigChecksTest extends CheckedConfig {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "authentication: {kubernetes: {localJwtCheck: false}}",
        "authentication: {kubernetes: {foreignTokens: refuse}}",
        "authentication: {kubernetes: {mode: local-only, audiences: [a]}}",
        "authentication: {oidc: [{issuer: 'https://a/b/', audiences: [b]}]}",
        "authentication: {oidc: [{issuer: 'http://127.0.0.1:1', audiences: [b]}]}",
        "authentication: {basicPassword: false}",
        "authorization: {watchRbac: false}",
        "authorization: {mapping: namespaced}",
        "log: {format: text, audit: none, access: false, level: error}",
        "log: {audit: all}",
        "admin: {console: null}",
        "admin: {console: '127.0.0.1:9'}",
        "forwarding: {stripAuthorization: false, forwardedHeaders: false, maxConnectionAge: 0s}",
        "limits: {defaults: {}, tenants: {}, tempoOverridesFile: null, store: {type: local}}",
      })
  void whatIsBuiltIsAccepted(String yaml) {
    assertThat(problems(TEMPO + yaml)).isEmpty();
  }
}
