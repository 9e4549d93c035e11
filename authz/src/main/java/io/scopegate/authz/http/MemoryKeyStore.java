package io.scopegate.authz.http;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.KeyStoreException;

/**
 * The kind of key store for keys that never leave memory. That of PKCS12, the JVM's default,
 * encrypts each key by ten thousand rounds of a hash, with a password that protects nothing here:
 * for a JVM that has just started some hundred milliseconds, and work for its compiler.
 */
public final class MemoryKeyStore {
  private static final String SLOW = "pkcs12";
  private static final String FAST = "JKS";
  private static final String TYPE = choose(KeyStore.getDefaultType());

  private MemoryKeyStore() {}

  /** Its type, for {@link KeyStore#getInstance(String)}. */
  public static String type() {
    return TYPE;
  }

  /** An empty one. */
  public static KeyStore empty() throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance(TYPE);
    store.load(null, null);
    return store;
  }

  /** Where the default is another one, or nobody offers the fast one (FIPS), it is the default. */
  static String choose(String byDefault) {
    return byDefault.equalsIgnoreCase(SLOW) && isOffered(FAST) ? FAST : byDefault;
  }

  private static boolean isOffered(String type) {
    try {
      KeyStore.getInstance(type);
      return true;
    } catch (KeyStoreException e) {
      return false;
    }
  }
}
