"""The tables of what a drawing may contain. What is not named here does not get in.

Names are exact: XML knows no upper and lower case, so `SCRIPT` is no element at all.
"""

from __future__ import annotations

SVG = "http://www.w3.org/2000/svg"
XLINK = "http://www.w3.org/1999/xlink"
XML = "http://www.w3.org/XML/1998/namespace"


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


FILTERS = _names(
    """
    feBlend feColorMatrix feComponentTransfer feComposite feConvolveMatrix feDiffuseLighting feDisplacementMap
    feDistantLight feDropShadow feFlood feFuncA feFuncB feFuncG feFuncR feGaussianBlur feImage feMerge feMergeNode
    feMorphology feOffset fePointLight feSpecularLighting feSpotLight feTile feTurbulence filter
    """
)
ANIMATIONS = _names("animate animateMotion animateTransform set")
ELEMENTS = (
    _names(
        """
    a circle clipPath defs desc ellipse g image line linearGradient marker mask mpath path pattern polygon polyline
    radialGradient rect stop style svg switch symbol text textPath title tspan use
    """
    )
    | FILTERS
    | ANIMATIONS
)
TEXTS = _names("desc style title")
SCRIPTS = _names("script handler listener")
# Elements of HTML in a drawing's clothes. They are dead there, but not in whatever copies the drawing into a page.
PAGES = _names(
    """
    applet audio base body button canvas embed foreignobject form frame frameset head html iframe img input link math
    meta object portal select source template textarea track video
    """
)
HTML = frozenset({"http://www.w3.org/1999/xhtml", "http://www.w3.org/1998/Math/MathML"})
# Namespaces of programs, not of editors: their elements would do something, somewhere.
ACTIVE = frozenset(
    {
        "http://www.w3.org/2001/XInclude",
        "http://www.w3.org/2001/xml-events",
        "http://www.w3.org/1999/XSL/Transform",
        "http://www.mozilla.org/xbl",
        "http://www.w3.org/ns/xbl",
        "http://www.mozilla.org/keymaster/gatekeeper/there.is.only.xul",
    }
)

# Attributes that are properties as well: both spellings obey the same rules.
PRESENTATION = _names(
    """
    alignment-baseline baseline-shift clip clip-path clip-rule color color-interpolation color-interpolation-filters
    color-rendering cursor d direction display dominant-baseline enable-background fill fill-opacity fill-rule
    filter flood-color flood-opacity font font-family font-size font-size-adjust font-stretch font-style
    font-variant font-weight glyph-orientation-horizontal glyph-orientation-vertical image-rendering kerning
    letter-spacing lighting-color marker marker-end marker-mid marker-start mask mask-type mix-blend-mode isolation
    opacity overflow paint-order pointer-events shape-rendering stop-color stop-opacity stroke stroke-dasharray
    stroke-dashoffset stroke-linecap stroke-linejoin stroke-miterlimit stroke-opacity stroke-width text-anchor
    text-decoration text-overflow text-rendering transform transform-box transform-origin unicode-bidi vector-effect
    visibility white-space word-spacing writing-mode
    """
)
GEOMETRY = _names("cx cy height r rx ry width x y")
PROPERTIES = (
    PRESENTATION
    | GEOMETRY
    | _names(
        """
    animation animation-delay animation-direction animation-duration animation-fill-mode animation-iteration-count
    animation-name animation-play-state animation-timing-function animation-composition backface-visibility
    background background-attachment background-blend-mode background-clip background-color background-image
    background-origin background-position background-repeat background-size block-progression border border-bottom
    border-color border-left border-radius border-right border-style border-top border-width bottom box-shadow
    box-sizing color-scheme fill-rule font-feature-settings font-kerning font-language-override font-optical-sizing
    font-palette font-synthesis font-variant-alternates font-variant-caps font-variant-east-asian
    font-variant-ligatures font-variant-numeric font-variant-position font-variation-settings forced-color-adjust
    hyphens inline-size inset left line-height line-break margin margin-bottom margin-left margin-right margin-top
    mask-border mask-clip mask-composite mask-image mask-mode mask-origin mask-position mask-repeat mask-size
    max-height max-width min-height min-width object-fit object-position offset offset-anchor offset-distance
    offset-path offset-position offset-rotate outline outline-color outline-style outline-width overflow-wrap
    overflow-x overflow-y padding padding-bottom padding-left padding-right padding-top perspective
    perspective-origin position print-color-adjust right rotate scale shape-inside shape-margin shape-padding
    shape-subtract solid-color solid-opacity tab-size text-align text-align-last text-combine-upright
    text-decoration-color text-decoration-line text-decoration-skip-ink text-decoration-style
    text-decoration-thickness text-emphasis text-indent text-orientation text-shadow text-size-adjust text-transform
    text-underline-offset text-underline-position top touch-action transform-style transition transition-delay
    transition-duration transition-property transition-timing-function translate user-select will-change word-break
    word-wrap z-index zoom
    """
    )
)
# Functions of CSS and of transforms. None of them reads anything from anywhere; `url` is looked at by itself.
FUNCTIONS = _names(
    """
    abs acos asin atan atan2 blur brightness calc circle clamp color color-mix conic-gradient contrast cos
    cubic-bezier cubicbezier device-cmyk drop-shadow ellipse exp fit-content grayscale hsl hsla hue-rotate hwb hypot
    icc-color inset invert lab lch light-dark linear linear-gradient local log matrix matrix3d max min mod minmax
    oklab oklch opacity path perspective polygon pow radial-gradient ray rect rem repeating-conic-gradient
    repeating-linear-gradient repeating-radial-gradient rgb rgba rotate rotate3d rotatex rotatey rotatez round
    saturate scale scale3d scalex scaley scalez sepia sign sin skew skewx skewy sqrt steps tan translate translate3d
    translatex translatey translatez var xywh
    """
)
SELECTORS = _names(
    """
    dir has host is lang matches not nth-child nth-last-child nth-last-of-type nth-of-type root selector where
    """
)

# Words for people and for selectors: text that is never read as CSS or as an address.
WORDS = _names("aria-describedby aria-hidden aria-label aria-labelledby begin class end id lang role")
ATTRIBUTES = _names(
    """
    accumulate additive amplitude attributeName attributeType azimuth baseFrequency bias by calcMode
    clipPathUnits diffuseConstant divisor dur dx dy edgeMode elevation exponent fill filterRes filterUnits fr from fx fy
    gradientTransform gradientUnits in in2 intercept k1 k2 k3 k4 kernelMatrix kernelUnitLength keyPoints keySplines
    keyTimes lengthAdjust limitingConeAngle markerHeight markerUnits markerWidth maskContentUnits maskUnits max
    media method min mode numOctaves offset operator order orient origin path pathLength patternContentUnits
    patternTransform patternUnits points pointsAtX pointsAtY pointsAtZ preserveAlpha preserveAspectRatio
    primitiveUnits radius refX refY repeatCount repeatDur restart result rotate scale seed side slope spacing
    specularConstant specularExponent spreadMethod startOffset stdDeviation stitchTiles surfaceScale systemLanguage
    tableValues targetX targetY textLength to type values version viewBox width x1 x2 xChannelSelector y1 y2
    yChannelSelector z
    """
)
# What an animation may change. Never an address, a class, a style sheet or an identity.
ANIMATABLE = PRESENTATION | GEOMETRY | (ATTRIBUTES - frozenset({"attributeName", "type", "media", "values"}))
