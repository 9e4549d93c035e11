/**
 * The whole chain on one machine: stand-ins for Kubernetes and Tempo, a gateway between them that
 * is configured by files as anybody's is, and a walk through it in plain sight.
 */
@NullMarked
package io.scopegate.demo;

import org.jspecify.annotations.NullMarked;
